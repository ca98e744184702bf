import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { composeMosaic, decodePlan, encodePlan, planMosaic } from '../../engine/index.ts'
import { orient } from '../../engine/orientation.ts'
import { violations } from './distance-checker.ts'
import { picture, tileSet, wavyPixels } from './pictures.ts'

const side = 16
const tiles = tileSet(60, { side })
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-flips-'))
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const planWith = async (flips: 'off' | 'mirror' | 'both' | 'all', threads = 2) =>
  planMosaic({
    target: await picture(40, 30, 5).png().toBuffer(),
    tiles,
    options: { cell: side, scale: 8, distance: 2, flips },
    threads,
  })

test('the more orientations are allowed, the closer the mosaic', async () => {
  const [off, mirror, both, all] = await Promise.all(
    (['off', 'mirror', 'both', 'all'] as const).map((flips) => planWith(flips)),
  )
  expect(mirror!.fidelity.k4).toBeLessThan(off!.fidelity.k4)
  expect(both!.fidelity.k4).toBeLessThan(mirror!.fidelity.k4)
  expect(all!.fidelity.k4).toBeLessThan(both!.fidelity.k4)
  expect(off!.tiles.some(({ orientation }) => orientation !== undefined)).toBe(false)
  expect(Math.max(...mirror!.tiles.map(({ orientation = 0 }) => orientation))).toBe(1)
  expect(Math.max(...both!.tiles.map(({ orientation = 0 }) => orientation))).toBe(3)
  expect(Math.max(...all!.tiles.map(({ orientation = 0 }) => orientation))).toBe(7)
})

test('all orientations of a tile count as the same tile', async () => {
  for (const flips of ['mirror', 'both', 'all'] as const)
    expect(violations(await planWith(flips), tiles)).toEqual([])
})

test('the plan does not depend on threads and survives its file', async () => {
  const [one, four] = await Promise.all([1, 4].map((threads) => planWith('all', threads)))
  expect(Buffer.compare(encodePlan(one!), encodePlan(four!))).toBe(0)
  expect(decodePlan(encodePlan(one!))).toEqual(one)
})

/** Independent of our code, by libvips, one step at a time: within one pipeline sharp chooses the order of steps. */
async function turned(rgb: Uint8Array, orientation: number): Promise<Uint8Array> {
  const step = (pixels: Uint8Array, change: (image: Sharp) => Sharp) =>
    change(sharp(pixels, { raw: { width: side, height: side, channels: 3 } }))
      .raw()
      .toBuffer()
  let pixels = rgb
  if (orientation & 4) {
    pixels = await step(pixels, (image) => image.rotate(90))
    pixels = await step(pixels, (image) => image.flop())
  }
  if (orientation & 1) pixels = await step(pixels, (image) => image.flop())
  if (orientation & 2) pixels = await step(pixels, (image) => image.flip())
  return pixels
}

test.each([0, 1, 2, 3, 4, 5, 6, 7])('orientation %i agrees with libvips', async (orientation) => {
  const rgb = wavyPixels(side, side, 8)
  const out = new Uint8Array(rgb.length)
  orient(rgb, side, orientation, out, 0)
  expect(Buffer.compare(await turned(rgb, orientation), out)).toBe(0)
})

test('composes what was planned', async () => {
  const plan = await planWith('all')
  const { large } = await composeMosaic({ plan, tiles, directory, quality: 100, pyramid: false })
  const { data } = await sharp(await readFile(large.path))
    .raw()
    .toBuffer({ resolveWithObject: true })
  const all = await tiles.pixels(side, side)
  const size = side * side * 3
  let error = 0
  plan.cells.forEach((place, cell) => {
    const { id, orientation = 0 } = plan.tiles[place]!
    const expected = new Uint8Array(size)
    const tile = Number(id.slice('tile-'.length))
    orient(all.subarray(tile * size, (tile + 1) * size), side, orientation, expected, 0)
    const x = (cell % plan.grid.columns) * side
    const y = Math.floor(cell / plan.grid.columns) * side
    for (let v = 0; v < side; v++)
      for (let i = 0; i < side * 3; i++)
        error += Math.abs(data[((y + v) * large.width + x) * 3 + i]! - expected[v * side * 3 + i]!)
  })
  expect(error / data.length).toBeLessThan(3)
})
