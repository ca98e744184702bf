import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, inflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeMosaic, type LargeFormat, planMosaic } from '../../engine/index.ts'
import { renderRegion } from '../../engine/render.ts'
import { encodeTiffBand, needsBigTiff, tiffEnd, tiffStart } from '../../engine/tiff-bands.ts'
import { picture, tileSet, wavyPixels } from './pictures.ts'

const side = 12
const tiles = tileSet(60, { side })
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-formats-'))
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

async function made(format: LargeFormat, threads = 2) {
  const target = await picture(62, 66).png().toBuffer()
  const plan = await planMosaic({ target, tiles, options: { cell: side, scale: 6, distance: 2, format } })
  const { large } = await composeMosaic({ plan, tiles, directory, quality: 95, pyramid: false, threads })
  const all = await tiles.pixels(side, side)
  const pixels = new Uint8Array(new SharedArrayBuffer(plan.tiles.length * side * side * 3))
  plan.tiles.forEach(({ id }, i) => {
    const tile = Number(id.slice('tile-'.length))
    pixels.set(all.subarray(tile * side * side * 3, (tile + 1) * side * side * 3), i * side * side * 3)
  })
  const cell = { width: side, height: side }
  const region = { halvings: 0, left: 0, top: 0, width: large.width, height: large.height }
  const expected = renderRegion({
    sheets: [{ ...cell, pixels }],
    firstSheet: 0,
    cells: plan.cells,
    grid: plan.grid,
    ...region,
    cell,
  })
  return { large, expected, bytes: await readFile(large.path) }
}

/* Bands have 128 lines: three of them here, the last one shorter. */
describe.each(['png', 'tiff'] as const)('%s', (format) => {
  test('has exactly the pixels of the plan, whatever its bands', async () => {
    const { large, expected, bytes } = await made(format)
    expect(large).toMatchObject({ width: 372, height: 396, bytes: bytes.length })
    expect(large.path.endsWith(`.${format}`)).toBe(true)
    const { data, info } = await sharp(bytes, { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 372, height: 396, channels: 3 })
    expect(Buffer.compare(data, expected)).toBe(0)
  })

  test('has the same bytes on any number of threads', async () => {
    const [one, four] = [await made(format, 1), await made(format, 4)]
    expect(one.bytes.equals(four.bytes)).toBe(true)
  })
})

test.each(['webp', 'avif'] as const)('%s shows the mosaic and leaves no temporary files', async (format) => {
  const { large, expected, bytes } = await made(format)
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  expect((await sharp(bytes).metadata()).mediaType).toBe(`image/${format}`)
  expect(info).toMatchObject({ width: large.width, height: large.height })
  let error = 0
  for (let i = 0; i < data.length; i++) error += Math.abs(data[i]! - expected[i]!)
  expect(error / data.length).toBeLessThan(8)
  expect(
    (await readdir(directory)).filter((name) => /part|tiff\.|\.tiff$/.test(name) && name !== 'large.tiff'),
  ).toEqual([])
})

test('a PNG may be wider than a JPEG; a WebP may not', async () => {
  const target = await picture(3000, 4).png().toBuffer()
  const options = { cell: 24, scale: 24, distance: 2 }
  const plan = await planMosaic({ target, tiles, options: { ...options, format: 'png' } })
  expect(plan.grid.columns * plan.grid.cell).toBe(72_000)
  await expect(planMosaic({ target, tiles, options })).rejects.toMatchObject({
    code: 'output_too_large',
    message: expect.stringContaining('65500 pixels a side as JPEG'),
  })
  await expect(planMosaic({ target, tiles, options: { ...options, format: 'webp' } })).rejects.toThrow(
    /16383 pixels a side as WEBP/,
  )
})

test('a TIFF above 4 GB has 64-bit offsets that libtiff reads', async () => {
  expect(needsBigTiff(40_000, 30_000)).toBe(false)
  expect(needsBigTiff(40_000, 40_000)).toBe(true)
  /* The same file with 64-bit offsets, small enough for a test. */
  const [width, height, rows] = [90, 70, 32]
  const rgb = wavyPixels(width, height)
  const parts: Uint8Array[] = [tiffStart(true)]
  const strips: { at: number; length: number }[] = []
  let at = parts[0]!.length
  for (let top = 0; top < height; top += rows) {
    const lines = Math.min(rows, height - top)
    const band = Uint8Array.from(rgb.subarray(top * width * 3, (top + lines) * width * 3))
    const strip = encodeTiffBand(band, width, lines)
    strips.push({ at, length: strip.length })
    parts.push(strip)
    at += strip.length
  }
  const { directory: list, pointer } = tiffEnd(width, height, rows, strips, at, true)
  const file = Buffer.concat([...parts, list])
  pointer.bytes.copy(file, pointer.at)
  const path = join(directory, 'big.tif')
  await writeFile(path, file)
  expect((await sharp(path).raw().toBuffer()).equals(rgb)).toBe(true)
})

test('a PNG has correct checksums', async () => {
  const { large, bytes } = await made('png')
  const stream: Buffer[] = []
  let at = 8
  while (at < bytes.length) {
    const length = bytes.readUInt32BE(at)
    const kind = bytes.toString('latin1', at + 4, at + 8)
    const sum = bytes.readUInt32BE(at + 8 + length)
    expect({ kind, sum }).toEqual({ kind, sum: crc32(bytes.subarray(at + 4, at + 8 + length)) })
    if (kind === 'IDAT') stream.push(bytes.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  expect(at).toBe(bytes.length)
  /* Fails on a wrong Adler-32. */
  expect(inflateSync(Buffer.concat(stream)).length).toBe((large.width * 3 + 1) * large.height)
})
