/** Bands of JPEGs joined from coded tiles, compared with encodings of their pixels. */
import { expect, test } from 'vitest'
import { openCodedBands } from '../../engine/coded-bands.ts'
import { type MosaicOptions, planMosaic } from '../../engine/index.ts'
import { bandHeight, encodeBand, jpegHeader } from '../../engine/jpeg-bands.ts'
import { codeTiles } from '../../engine/jpeg-tiles.ts'
import { openRenderer } from '../../engine/mosaic-renderer.ts'
import { renderRegion } from '../../engine/render.ts'
import { picture, random, tileSet } from './pictures.ts'

const next = random(3)
const smooth = tileSet(90)
/** Coefficients of all sizes, and bytes of 0xff, which need stuffing. */
const noisy = {
  ...smooth,
  pixels: async (width: number, height: number) =>
    Uint8Array.from({ length: smooth.count * width * height * 3 }, () => (next() < 0.5 ? 0 : 255)),
}

async function open(
  options: Partial<MosaicOptions>,
  quality: number,
  tiles = smooth,
  { columns = 30, limits }: { columns?: number; limits?: Parameters<typeof openCodedBands>[1] } = {},
) {
  const target = await picture(columns * 2, 40)
    .png()
    .toBuffer()
  const { cell = 16 } = options
  const plan = await planMosaic({
    ...{ target, tiles },
    options: { cell, scale: cell / 2, distance: 2, ...options },
  })
  const run = { threads: 2 }
  const taskOf = await openRenderer(plan, tiles, false, run, { bytes: target })
  const width = plan.grid.columns * plan.grid.cell
  const height = plan.grid.rows * (plan.grid.cellHeight ?? plan.grid.cell)
  const rest = { format: 'jpeg', quality, threads: 2, onBand: () => {} } as const
  const coded = await openCodedBands({ taskOf, width, height, ...rest }, limits)
  return { plan, taskOf, width, height, coded }
}

test.each([
  ['of 16 px', { cell: 16 }, 85, smooth],
  ['of 32 px', { cell: 32 }, 60, smooth],
  ['of 16 x 48 px', { cell: 16, cellHeight: 48 }, 85, smooth],
  ['larger than the kept tiles', { cell: 96 }, 85, smooth],
  ['in four orientations', { cell: 32, flips: 'both' }, 85, smooth],
  ['at the lowest quality', { cell: 16 }, 1, smooth],
  ['of noise at the highest quality', { cell: 32 }, 100, noisy],
] as const)('cells %s have the bytes that their pixels would have', async (_, options, quality, tiles) => {
  const { plan, taskOf, width, height, coded } = await open(options, quality, tiles)
  /* More than the 37 tiles that are coded at once. */
  if (options.cell === 96) expect(plan.tiles.length).toBeGreaterThan(40)
  const lines = bandHeight(width)
  for (let top = 0; top < height; top += lines) {
    const band = taskOf({ halvings: 0, left: 0, top, width, height: Math.min(lines, height - top) })
    const expected = await encodeBand(renderRegion(band), width, band.height, quality)
    expect((await coded!(band)).equals(expected), `band at ${top}`).toBe(true)
  }
})

test.each([
  ['cells that are not whole units', { cell: 24 }],
  ['cells as large as several bands', { cell: 1024 }],
  ['toned tiles', { cell: 16, tone: 'bounded' }],
  ['an overlay', { cell: 16, cheat: 20 }],
  ['hexagons', { cell: 16, layout: 'hexagons' }],
  ['cells of several sizes', { cell: 16, layout: 'quadtree' }],
] as const)('%s are encoded from their pixels', async (_, options) => {
  expect((await open(options, 85)).coded).toBeUndefined()
})

test('tiles that are hardly repeated are not coded first', async () => {
  expect((await open({ cell: 16 }, 85, tileSet(150), { columns: 10 })).coded).toBeUndefined()
})

test.each([
  ['pixels', { pixels: 2_000, bytes: 2 ** 27 }],
  ['code', { pixels: 2 ** 28, bytes: 2_000 }],
])('tiles of too much %s are not coded', async (_, limits) => {
  expect((await open({ cell: 16 }, 85, smooth, { limits })).coded).toBeUndefined()
})

test('a column of tiles that was encoded in another way is an error, not a wrong picture', async () => {
  const column = picture(16, 64)
  const data = (jpeg: Buffer) => ({ jpeg, data: jpegHeader(jpeg).length, width: 16, height: 64 })
  const usual = await column.clone().jpeg({ optimiseCoding: false }).toBuffer()
  expect(codeTiles(data(usual)).rows).toHaveLength(4 * 12)
  const full = await column.clone().jpeg({ chromaSubsampling: '4:4:4', optimiseCoding: false }).toBuffer()
  expect(() => codeTiles(data(full))).toThrow('4:2:0')
  const progressive = await column.clone().jpeg({ progressive: true }).toBuffer()
  expect(() => codeTiles({ ...data(usual), jpeg: progressive })).toThrow()
})
