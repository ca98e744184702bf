import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import yauzl from 'yauzl'
import {
  comparePictures,
  composeMosaic,
  type MosaicPlan,
  makeThumbnail,
  planMosaic,
  type TileSet,
} from '../../engine/index.ts'
import { linearFromSrgb, srgbFromLinear } from '../../engine/oklab.ts'
import { picture, tileSet } from './pictures.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-compose-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))
async function plan(cell: number, columns: number, rows: number, tiles: TileSet): Promise<MosaicPlan> {
  const target = await picture(columns * 2, rows * 2)
    .png()
    .toBuffer()
  return planMosaic({ target, tiles, options: { cell, scale: cell / 2, distance: 2 } })
}

/** The mosaic of a plan, pasted tile by tile. */
async function pasted({ grid, cells, tiles: used }: MosaicPlan, tiles: TileSet): Promise<Buffer> {
  const { cell, columns, rows } = grid
  const all = await tiles.pixels(cell, cell)
  const out = Buffer.alloc(cell * columns * cell * rows * 3)
  cells.forEach((place, i) => {
    const tile = Number(used[place]!.id.slice('tile-'.length))
    for (let y = 0; y < cell; y++) {
      const from = (tile * cell * cell + y * cell) * 3
      const line = Math.floor(i / columns) * cell + y
      out.set(all.subarray(from, from + cell * 3), (line * columns + (i % columns)) * cell * 3)
    }
  })
  return out
}

async function unzip(path: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const zip = await yauzl.openPromise(path)
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = []
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk)
    files.set(entry.fileName, Buffer.concat(chunks))
  }
  return files
}

/** The pixels after JPEG compression. */
const throughJpeg = async (
  rgb: Uint8Array,
  { width, height }: { width: number; height: number },
  quality: number,
) => {
  const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer()
  return sharp(jpeg).raw().toBuffer()
}

const meanError = (a: Uint8Array, b: Uint8Array) => {
  expect(a.length).toBe(b.length)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!)
  return sum / a.length
}

describe.each([
  { cell: 16, columns: 21, rows: 20 },
  { cell: 15, columns: 23, rows: 19 },
  { cell: 12, columns: 91, rows: 47 },
])('a mosaic of $columns x $rows cells of $cell px', ({ cell, columns, rows }) => {
  const tiles = tileSet(90, { side: cell })

  test('the large picture shows the tiles of the plan, across all seams between bands', async () => {
    const made = await plan(cell, columns, rows, tiles)
    const { large } = await composeMosaic({ plan: made, tiles, directory, quality: 95, pyramid: false })
    expect(large).toMatchObject({ width: cell * columns, height: cell * rows })
    const file = await readFile(large.path)
    expect(file.length).toBe(large.bytes)
    const { data, info } = await sharp(file, { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: large.width, height: large.height })
    /* Joining bands loses nothing: the pixels are those of the same picture encoded in one piece. */
    expect(data.equals(await throughJpeg(await pasted(made, tiles), info, 95))).toBe(true)
  })

  test('the pyramid has every tile of every level, averaged in linear light', async () => {
    const made = await plan(cell, columns, rows, tiles)
    const { pyramid, large } = await composeMosaic({ plan: made, tiles, directory, quality: 90 })
    const files = await unzip(pyramid.path)
    const descriptor = files.get('mosaic.dzi')!.toString()
    expect(descriptor).toContain(`Width="${large.width}" Height="${large.height}"`)
    expect(descriptor).toMatch(/TileSize="512".*|Overlap="1"/)
    const top = Math.ceil(Math.log2(Math.max(large.width, large.height)))
    let expected = 1
    const full = await pasted(made, tiles)
    for (let level = 0; level <= top; level++) {
      const factor = 2 ** (top - level)
      const width = Math.ceil(large.width / factor)
      const height = Math.ceil(large.height / factor)
      for (let row = 0; row < Math.ceil(height / 512); row++)
        for (let column = 0; column < Math.ceil(width / 512); column++) {
          expected++
          const tile = files.get(`mosaic_files/${level}/${column}_${row}.jpg`)!
          const left = Math.max(0, column * 512 - 1)
          const up = Math.max(0, row * 512 - 1)
          const { data, info } = await sharp(tile).raw().toBuffer({ resolveWithObject: true })
          expect(info.width).toBe(Math.min(width, (column + 1) * 512 + 1) - left)
          expect(info.height).toBe(Math.min(height, (row + 1) * 512 + 1) - up)
          const truth = averaged(full, large.width, large.height, factor, left, up, info.width, info.height)
          /* A value rounded the other way may cross one of JPEG's quantization steps. */
          expect(meanError(data, await throughJpeg(truth, info, 90))).toBeLessThan(4)
        }
    }
    expect(files.size).toBe(expected)
  })
})

function averaged(
  rgb: Uint8Array,
  fullWidth: number,
  fullHeight: number,
  factor: number,
  left: number,
  top: number,
  width: number,
  height: number,
): Uint8Array {
  const out = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0
        let counted = 0
        for (let v = (top + y) * factor; v < Math.min(fullHeight, (top + y + 1) * factor); v++)
          for (let u = (left + x) * factor; u < Math.min(fullWidth, (left + x + 1) * factor); u++, counted++)
            sum += linearFromSrgb[rgb[(v * fullWidth + u) * 3 + channel]!]!
        out[(y * width + x) * 3 + channel] = srgbFromLinear(sum / counted)
      }
  return out
}

test('the bytes do not depend on the number of threads', async () => {
  const tiles = tileSet(90)
  const made = await plan(16, 40, 30, tiles)
  const bytes = async (threads: number) => {
    const { large, pyramid } = await composeMosaic({ plan: made, tiles, directory, threads })
    return [await readFile(large.path), await readFile(pyramid.path)] as const
  }
  const one = await bytes(1)
  for (const threads of [2, 4]) {
    const more = await bytes(threads)
    expect(more[0].equals(one[0])).toBe(true)
    expect(more[1].equals(one[1])).toBe(true)
  }
})

test('a plan is composed with a tile set that has grown since', async () => {
  const made = await plan(16, 20, 20, tileSet(60))
  const before = await composeMosaic({ plan: made, tiles: tileSet(60), directory, pyramid: false })
  const first = await readFile(before.large.path)
  await composeMosaic({ plan: made, tiles: tileSet(90), directory, pyramid: false })
  expect(first.equals(await readFile(before.large.path))).toBe(true)
})

test('a tile deleted since planning is named, and no file is left', async () => {
  const made = await plan(16, 20, 20, tileSet(60))
  await expect(composeMosaic({ plan: made, tiles: tileSet(3), directory })).rejects.toMatchObject({
    code: 'tile_missing',
    message: expect.stringContaining('photo'),
  })
  expect(await readdir(directory)).toEqual([])
})

test.skipIf(!existsSync('/dev/full'))(
  'a full disk gives an error and leaves no half-written files',
  async () => {
    const tiles = tileSet(60)
    const made = await plan(16, 20, 20, tiles)
    for (const [format, name] of [
      ['jpeg', 'large.jpg.part'],
      ['tiff', 'large.tiff.part'],
      ['webp', 'large.webp.part.tiff'],
      ['png', 'large.png.part'],
      ['png', 'pyramid.zip.part'],
    ] as const) {
      await symlink('/dev/full', join(directory, name))
      const options = { ...made.options, format }
      await expect(composeMosaic({ plan: { ...made, options }, tiles, directory })).rejects.toMatchObject({
        code: 'ENOSPC',
      })
      const left = (await readdir(directory)).filter((file) => file !== 'large.png')
      expect(left, name).toEqual([])
    }
  },
)

test('an abort leaves no half-written file', async () => {
  const tiles = tileSet(90)
  const made = await plan(16, 120, 120, tiles)
  const abort = new AbortController()
  const composing = composeMosaic({
    plan: made,
    tiles,
    directory,
    signal: abort.signal,
    onProgress: (done) => {
      if (done === 17) abort.abort(new Error('enough'))
    },
  })
  await expect(composing).rejects.toThrow('enough')
  expect((await readdir(directory)).filter((name) => name !== 'large.jpg')).toEqual([])
})

test('an output folder that is a file gives an error of the file system', async () => {
  const tiles = tileSet(60)
  const made = await plan(16, 4, 4, tiles)
  const file = join(directory, 'file')
  await writeFile(file, '')
  await expect(composeMosaic({ plan: made, tiles, directory: file })).rejects.toMatchObject({
    code: 'ENOTDIR',
  })
})

test.each([0, 101, 1e99, 50.5])('refuses quality %d by name', async (quality) => {
  const tiles = tileSet(60)
  const made = await plan(16, 4, 4, tiles)
  await expect(composeMosaic({ plan: made, tiles, directory, quality })).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining('quality'),
  })
})

test('a mosaic is as close to its target as its plan says', async () => {
  const tiles = tileSet(400)
  const target = await picture(80, 60).png().toBuffer()
  const made = await planMosaic({ target, tiles, options: { cell: 16, scale: 8, distance: 2 } })
  const { large } = await composeMosaic({ plan: made, tiles, directory, quality: 100, pyramid: false })
  const measured = await comparePictures(target, await readFile(large.path), made.grid)
  for (const k of ['k1', 'k2', 'k4'] as const) {
    expect(made.fidelity[k]).toBeGreaterThan(0)
    expect(Math.abs(measured[k] - made.fidelity[k])).toBeLessThan(0.25)
  }
})

test('a picture has distance 0 and SSIM 1 to itself', async () => {
  const target = await picture(64, 48).png().toBuffer()
  expect(await comparePictures(target, target, { columns: 8, rows: 6 })).toEqual({
    k1: 0,
    k2: 0,
    k4: 0,
    ssim: 1,
  })
})

test('makes thumbnails of paths and bytes, never larger than the picture', async () => {
  const bytes = await picture(300, 200).jpeg().toBuffer()
  await writeFile(join(directory, 'a.jpg'), bytes)
  const small = await makeThumbnail(join(directory, 'a.jpg'), { width: 120, quality: 70 })
  expect(small).toMatchObject({ width: 120, height: 80 })
  expect((await sharp(small.bytes).metadata()).format).toBe('jpeg')
  expect(await makeThumbnail(bytes, { width: 900 })).toMatchObject({ width: 300, height: 200 })
})
