import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hexagonPlace, hexagonRuns } from '../../engine/hexagons.ts'
import {
  cellHeight,
  comparePictures,
  composeMosaic,
  decodePlan,
  editPlan,
  encodePlan,
  gridFor,
  type MosaicOptions,
  mosaicSize,
  openVirtualPyramid,
  planMosaic,
} from '../../engine/index.ts'
import { violations } from './distance-checker.ts'
import { picture, tileSet } from './pictures.ts'

let directory: string
let target: Buffer
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-layouts-'))
  target = await picture(80, 60).png().toBuffer()
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const tiles = tileSet(300, { side: 64 })
const planned = (options: Partial<MosaicOptions>, threads = 2) =>
  planMosaic({ target, tiles, threads, options: { cell: 16, scale: 8, distance: 3, ...options } })

/** The pixels of the large picture, composed as PNG. */
async function pixelsOf(plan: Awaited<ReturnType<typeof planned>>) {
  const options = { ...plan.options, format: 'png' as const }
  const made = await composeMosaic({
    plan: { ...plan, options },
    tiles,
    directory,
    pyramid: false,
    target: { bytes: target },
  })
  const { data, info } = await sharp(made.large.path, { failOn: 'warning' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { bytes: await readFile(made.large.path), data, info }
}

describe.each([
  ['wide cells', { cell: 16, cellHeight: 12 }, { columns: 40, rows: 40 }],
  ['tall cells, turned', { cell: 12, cellHeight: 30, flips: 'all' }, { columns: 53, rows: 16 }],
  [
    'cells larger than the stored tiles',
    { cell: 80, cellHeight: 120, scale: 24, tone: 'bounded' },
    { columns: 24, rows: 12 },
  ],
] as const)('%s', (_, options, grid) => {
  test('fill the mosaic, keep the distance, and show the part of each tile that was matched', async () => {
    const plan = await planned(options)
    expect(plan.grid).toMatchObject(grid)
    expect(violations(plan, tiles)).toEqual([])
    expect(decodePlan(encodePlan(plan))).toEqual(plan)
    const { bytes, info } = await pixelsOf(plan)
    expect(info).toMatchObject({ width: grid.columns * options.cell, height: grid.rows * options.cellHeight })
    /* Painting another part of a tile, or another orientation, would change this. */
    const seen = await comparePictures(target, bytes, plan.grid)
    for (const k of ['k1', 'k2', 'k4'] as const)
      expect(Math.abs(seen[k] - plan.fidelity[k])).toBeLessThan(0.3)
  })
})

describe('hexagons', () => {
  const options = { layout: 'hexagons', cell: 24 } as const

  test.each([
    { cell: 24, columns: 7, rows: 5 },
    { cell: 17, columns: 4, rows: 8 },
    { cell: 2, columns: 3, rows: 3 },
  ])('cover every pixel once, each within its box: %o', ({ cell, columns, rows }) => {
    const grid = { ...gridFor(1, 1, { cell, scale: 1, layout: 'hexagons' }), columns, rows }
    const { width, height } = mosaicSize(grid)
    const areas = new Map<number, number>()
    for (let y = 0; y < height; y++) {
      let next = 0
      hexagonRuns(grid, 0, y, 0, width, (at, inX, inY, from, length) => {
        expect(from).toBe(next)
        next += length
        const place = hexagonPlace(grid, at % columns, Math.floor(at / columns))
        expect(place.left + inX).toBe(from)
        expect(place.top + inY).toBe(y)
        expect(inX + length).toBeLessThanOrEqual(cell)
        areas.set(at, (areas.get(at) ?? 0) + length)
      })
      expect(next).toBe(width)
    }
    /* A whole hexagon covers three quarters of its box. */
    const inner = areas.get(columns + 1)!
    expect(Math.abs(inner - 0.75 * cell * cellHeight(grid))).toBeLessThanOrEqual(cellHeight(grid))
    expect(areas.size).toBe(columns * rows)
  })

  test('make a mosaic close to its target, the same on any number of threads', async () => {
    const plan = await planned(options)
    expect(plan.grid).toMatchObject({ layout: 'hexagons', cell: 24, cellHeight: 28 })
    expect(violations(plan, tiles)).toEqual([])
    expect(encodePlan(plan)).toEqual(encodePlan(await planned(options, 1)))
    expect(decodePlan(encodePlan(plan))).toEqual(plan)
    const { bytes, info } = await pixelsOf(plan)
    expect(info).toMatchObject(mosaicSize(plan.grid))
    expect(Math.abs(info.width - 640)).toBeLessThanOrEqual(24)
    expect(Math.abs(info.height - 480)).toBeLessThanOrEqual(28)
    const squares = await pixelsOf(await planned({ cell: 24 }))
    const grid = { columns: 26, rows: 20 }
    const near = await comparePictures(target, bytes, grid)
    expect(near.k1).toBeLessThan((await comparePictures(target, squares.bytes, grid)).k1 * 1.5)
    /* Shuffled, the same tiles are far from it. */
    const shuffled = { ...plan, cells: plan.cells.toReversed() }
    expect(near.k1).toBeLessThan(
      (await comparePictures(target, (await pixelsOf(shuffled)).bytes, grid)).k1 / 2,
    )
  })

  test('have a pyramid in which each level halves the one above', async () => {
    const plan = await planned(options)
    const { data, info } = await pixelsOf(plan)
    const view = await openVirtualPyramid({ plan, tiles, quality: 95 })
    const top = Math.ceil(Math.log2(info.width))
    for (const halvings of [1, 2, 3]) {
      const tile = await view.tile(top - halvings, 0, 0)
      const small = await sharp(tile).raw().toBuffer({ resolveWithObject: true })
      const whole = sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
      const { width, height } = small.info
      const expected = await whole.resize(width, height, { fit: 'fill', kernel: 'linear' }).raw().toBuffer()
      let error = 0
      for (let i = 0; i < expected.length; i++) error += Math.abs(expected[i]! - small.data[i]!)
      expect(error / expected.length).toBeLessThan(9)
    }
  })

  test('are edited like squares', async () => {
    const before = await planned(options)
    const ban = before.tiles[before.cells[30]!]!.id
    const { plan } = await editPlan({ plan: before, tiles, edits: { ban: [ban] }, target })
    expect(violations(plan, tiles)).toEqual([])
    const first = await composeMosaic({ plan: before, tiles, directory })
    const fresh = await mkdtemp(join(directory, 'fresh-'))
    const whole = await composeMosaic({ plan, tiles, directory: fresh })
    const copied = await mkdtemp(join(directory, 'copied-'))
    const earlier = { plan: before, large: first.large.path, pyramid: first.pyramid.path }
    const some = await composeMosaic({ plan, tiles, directory: copied, earlier })
    expect((await readFile(some.large.path)).equals(await readFile(whole.large.path))).toBe(true)
    expect((await readFile(some.pyramid.path)).equals(await readFile(whole.pyramid.path))).toBe(true)
  })
})

describe('cheat', () => {
  test('blends the given share of the target over the mosaic, up to all of it', async () => {
    const [none, third, all] = await Promise.all([0, 33, 100].map((cheat) => planned({ cheat })))
    const seen = []
    for (const plan of [none!, third!, all!]) {
      const { bytes } = await pixelsOf(plan)
      const near = await comparePictures(target, bytes, plan.grid)
      expect(Math.abs(near.k1 - plan.fidelity.k1)).toBeLessThan(0.4)
      seen.push(near.k1)
    }
    expect(seen[1]! / seen[0]!).toBeGreaterThan(0.5)
    expect(seen[1]! / seen[0]!).toBeLessThan(0.8)
    expect(seen[2]).toBeLessThan(0.3)
    expect(third!.cells).toEqual(none!.cells)
  })

  test('needs the target', async () => {
    const plan = await planned({ cheat: 30 })
    await expect(composeMosaic({ plan, tiles, directory })).rejects.toMatchObject({ code: 'target_needed' })
    await expect(openVirtualPyramid({ plan, tiles })).rejects.toMatchObject({ code: 'target_needed' })
  })
})
