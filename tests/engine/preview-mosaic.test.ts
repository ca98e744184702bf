import sharp from 'sharp'
import { expect, test } from 'vitest'
import {
  comparePictures,
  mosaicSize,
  openVirtualPyramid,
  planMosaic,
  previewMosaic,
  smallMosaic,
} from '../../engine/index.ts'
import { previewCells } from '../../engine/preview-mosaic.ts'
import { picture, tileSet } from './pictures.ts'

const tiles = tileSet(300, { side: 32 })
const target = () => picture(250, 170).png().toBuffer()

test.each([32, 80, 8])(
  'a small mosaic is the mosaic of its plan, scaled down: cells of %i px',
  async (cell) => {
    const options = { cell, scale: (cell * 25) / 250, distance: 2 }
    const plan = await planMosaic({ target: await target(), tiles, options })
    const small = await (await smallMosaic({ plan, tiles, longest: 200 })).png().toBuffer()
    expect(await sharp(small).metadata()).toMatchObject({ width: 200, height: 136 })
    const { tile } = await openVirtualPyramid({ plan: { ...plan, grid: { ...plan.grid, cell: 32 } }, tiles })
    // 800 x 544 px are level 10; level 8 halves them twice.
    const level = await sharp(await tile(8, 0, 0))
      .png()
      .toBuffer()
    const { k2 } = await comparePictures(level, small, plan.grid)
    expect(k2).toBeLessThan(1)
  },
)

test('a small mosaic never gets larger than its tiles', async () => {
  const plan = await planMosaic({
    target: await target(),
    tiles,
    options: { scale: (32 * 5) / 250, distance: 0 },
  })
  const { width } = await sharp(
    await (await smallMosaic({ plan, tiles, longest: 960 })).png().toBuffer(),
  ).metadata()
  expect(width).toBe(160)
})

test('a preview has the mosaic’s cells, or fewer of the same shape if there are many', async () => {
  const preview = async (columns: number, rows: number) => {
    const made = await previewMosaic({
      ...{ target: await target(), tiles, grid: { columns, rows, cell: 32 }, options: {}, longest: 480 },
    })
    expect(await sharp(made.bytes).metadata()).toMatchObject({ format: 'webp', width: made.width })
    return made
  }
  expect(await preview(25, 17)).toMatchObject({ columns: 25, rows: 17, width: 480 })
  const { columns, rows } = await preview(1000, 680)
  expect(columns * rows).toBeLessThanOrEqual(previewCells)
  expect(columns * rows).toBeGreaterThan(previewCells * 0.95)
  expect(columns / rows).toBeCloseTo(1000 / 680, 1)
})

test.each([
  [{ layout: 'hexagons' }, { cell: 32, cellHeight: 36, layout: 'hexagons' }],
  [{}, { cell: 20, cellHeight: 30 }],
  [{ layout: 'quadtree' }, { cell: 16 }],
] as const)('a preview has the layout of the mosaic: %j, %j', async (options, shape) => {
  const grid = { columns: 40, rows: 27, ...shape }
  const made = await previewMosaic({ target: await target(), tiles, grid, options, longest: 640 })
  expect(made).toMatchObject({ columns: 40, rows: 27 })
  const size = mosaicSize(grid)
  expect(made.width / made.height).toBeCloseTo(size.width / size.height, 1)
  const plain = await previewMosaic({
    target: await target(),
    tiles,
    grid: { ...grid, layout: undefined as never },
    options: {},
    longest: 640,
  })
  if (Object.keys(options).length > 0) expect(made.bytes.equals(plain.bytes)).toBe(false)
})

test('a preview reflects the options', async () => {
  const photo = await target()
  const grid = { columns: 40, rows: 27, cell: 32 }
  const likeness = async (options: object) => {
    const { bytes } = await previewMosaic({ target: photo, tiles, grid, options, longest: 640 })
    return (await comparePictures(photo, bytes, grid)).k4
  }
  const [usual, free, toned] = await Promise.all([{}, { distance: 0 }, { tone: 'full' }].map(likeness))
  expect(free).toBeLessThan(usual!)
  expect(toned).toBeLessThan(usual!)
})

test('an abort ends a preview', async () => {
  const wanted = new AbortController()
  const going = previewMosaic({
    ...{
      target: await target(),
      tiles,
      grid: { columns: 80, rows: 60, cell: 32 },
      options: {},
      longest: 480,
    },
    signal: wanted.signal,
  })
  wanted.abort(new Error('moved on'))
  await expect(going).rejects.toThrow('moved on')
})
