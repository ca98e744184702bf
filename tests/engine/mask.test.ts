import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  cellCount,
  composeMosaic,
  decodePlan,
  editPlan,
  encodePlan,
  type Mask,
  type MosaicOptions,
  type MosaicPlan,
  openVirtualPyramid,
  planMosaic,
} from '../../engine/index.ts'
import { boxesOf, violations } from './distance-checker.ts'
import { picture, tileSet } from './pictures.ts'

let directory: string
let target: Buffer
/** A disc with the brightness `shape` on `ground`, or on transparency without one: the ways in which masks come. */
function disc(shape: number, ground?: number): Promise<Buffer> {
  const side = 90
  const rgba = Buffer.alloc(side * side * 4)
  for (let y = 0, i = 0; y < side; y++)
    for (let x = 0; x < side; x++, i += 4) {
      const isIn = Math.hypot(x + 0.5 - side / 2, y + 0.5 - side / 2) <= 40
      rgba.fill(isIn ? shape : (ground ?? 0), i, i + 3)
      rgba[i + 3] = isIn || ground !== undefined ? 255 : 0
    }
  return sharp(rgba, { raw: { width: side, height: side, channels: 4 } })
    .png()
    .toBuffer()
}
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-mask-'))
  target = await picture(80, 60).png().toBuffer()
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const tiles = tileSet(300, { side: 64 })
const planned = (mask: Mask, options: Partial<MosaicOptions> = {}, of = target) =>
  planMosaic({
    target: of,
    mask,
    tiles,
    threads: 2,
    options: { cell: 16, scale: 8, distance: 3, ...options },
  })

async function composed(plan: MosaicPlan, format: MosaicOptions['format'], how: object = {}) {
  const own = await mkdtemp(join(directory, 'made-'))
  const options = { ...plan.options, format }
  return await composeMosaic({ plan: { ...plan, options }, tiles, directory: own, pyramid: false, ...how })
}

/** For a cell of a 40 x 30 grid: how far its middle is inside of the disc's rim, 1 being the centre. */
const fromRim = (column: number, row: number) =>
  1 - Math.hypot((column + 0.5 - 20) / 20, (row + 0.5 - 15) / 15) * (45 / 40)

describe.each(['grid', 'quadtree', 'hexagons'] as const)('a mask for a %s', (layout) => {
  const kinds = [
    ['white on black', () => disc(255, 0)],
    ['white on transparency', () => disc(255)],
    ['dark on transparency', () => disc(30)],
  ] as const
  test.each(layout === 'grid' ? kinds : [kinds[1]])('cells cover the shape: %s', async (_, mask) => {
    const plan = await planned(await mask(), { layout })
    expect(violations(plan, tiles)).toEqual([])
    expect(decodePlan(encodePlan(plan))).toEqual(plan)
    const { columns, rows } = plan.grid
    const isCovered = new Uint8Array(columns * rows)
    for (const { left, top, right, bottom } of boxesOf(plan))
      for (let y = top; y < bottom; y++) isCovered.fill(1, y * columns + left, y * columns + right)
    if (layout === 'hexagons') {
      const part = cellCount(plan.grid) / (columns * rows)
      expect(Math.abs(part - Math.PI * (4 / 9) ** 2)).toBeLessThan(0.05)
      return
    }
    isCovered.forEach((covered, cell) => {
      const depth = fromRim(cell % columns, Math.floor(cell / columns))
      if (Math.abs(depth) > 0.06) expect([cell, covered]).toEqual([cell, depth > 0 ? 1 : 0])
    })
  })

  test('leaves the rest transparent if the format allows, else in the background colour', async () => {
    const plan = await planned(await disc(255, 0), { layout })
    const shown = async (format: MosaicOptions['format'], background?: string) => {
      const options = { ...plan.options, ...(background && { background }) }
      const { large } = await composed({ ...plan, options }, format)
      const { data, info } = await sharp(large.path, { failOn: 'warning' })
        .raw()
        .toBuffer({ resolveWithObject: true })
      const at = (x: number, y: number) => [
        ...data.subarray((y * info.width + x) * info.channels, (y * info.width + x + 1) * info.channels),
      ]
      return { corner: at(2, 2), middle: at(info.width >> 1, info.height >> 1) }
    }
    const opaque = await shown('jpeg')
    for (const value of opaque.corner) expect(value).toBeGreaterThan(250)
    expect(opaque.corner).toHaveLength(3)
    const formats = layout === 'grid' ? (['png', 'tiff', 'webp', 'avif'] as const) : (['png'] as const)
    for (const format of formats) {
      const { corner, middle } = await shown(format)
      expect([format, corner.length, corner[3], middle[3]]).toEqual([format, 4, 0, 255])
    }
    expect((await shown('png', '#ff8000')).corner).toEqual([255, 128, 0])
    /* The colours are the same with and without transparency. */
    expect((await shown('png')).middle.slice(0, 3)).toEqual((await shown('png', '#ff8000')).middle)
  })

  test('applies to the pyramid and to edits, which compose only what has changed', async () => {
    const before = await planned(await disc(255, 0), { layout, background: '#0000ff' })
    const ban = before.tiles[before.cells[30]!]!.id
    const { plan } = await editPlan({ plan: before, tiles, edits: { ban: [ban] }, target })
    expect(plan.grid).toEqual(before.grid)
    expect(violations(plan, tiles)).toEqual([])
    await expect(
      editPlan({ plan: before, tiles, edits: { pin: [{ x: 0, y: 0, tile: 'tile-1' }] } }),
    ).rejects.toMatchObject({ code: 'invalid_edit', message: expect.stringContaining('0,0') })
    const first = await composed(before, 'jpeg', { pyramid: true })
    const fresh = await composed(plan, 'jpeg', { pyramid: true })
    const earlier = { plan: before, large: first.large.path, pyramid: first.pyramid.path }
    const copied = await composed(plan, 'jpeg', { pyramid: true, earlier })
    expect((await readFile(copied.large.path)).equals(await readFile(fresh.large.path))).toBe(true)
    expect((await readFile(copied.pyramid.path)).equals(await readFile(fresh.pyramid.path))).toBe(true)
    const view = await openVirtualPyramid({ plan, tiles })
    const level = Math.ceil(Math.log2(view.width)) - 3
    const { data } = await sharp(await view.tile(level, 0, 0))
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(data[2]! - data[0]!).toBeGreaterThan(200)
  })
})

describe("a target's own transparency", () => {
  test('is the mask with mask: alpha', async () => {
    const cut = await sharp(target)
      .resize(90, 90, { fit: 'fill' })
      .composite([{ input: await disc(255), blend: 'dest-in' }])
      .png()
      .toBuffer()
    const plan = await planned('alpha', {}, cut)
    expect(cellCount(plan.grid) / (plan.grid.columns * plan.grid.rows)).toBeCloseTo(Math.PI * (4 / 9) ** 2, 1)
    expect(
      (await planMosaic({ target: cut, tiles, options: { cell: 16, distance: 3 } })).grid.places,
    ).toBeUndefined()
  })

  test('is required then', async () => {
    await expect(planned('alpha')).rejects.toMatchObject({ code: 'mask_unusable' })
  })
})

test('fidelity ignores what is left out: half of a target scores the same as a target of that half', async () => {
  const half = await sharp({ create: { width: 40, height: 60, channels: 3, background: '#fff' } })
    .extend({ right: 40, background: '#000' })
    .png()
    .toBuffer()
  const cropped = await sharp(target).extract({ left: 0, top: 0, width: 40, height: 60 }).png().toBuffer()
  const options = { cell: 16, scale: 8, distance: 0 }
  const alone = await planMosaic({ target: cropped, tiles, options, threads: 2 })
  expect(alone.fidelity.ssim).toBeGreaterThan(0)
  expect((await planned(half, { distance: 0 })).fidelity).toEqual(alone.fidelity)
})

test('a mask that leaves nothing out changes nothing', async () => {
  const plan = await planned(await disc(255, 255))
  const plain = await planMosaic({ target, tiles, threads: 2, options: plan.options })
  expect(encodePlan(plan)).toEqual(encodePlan(plain))
})

test.each([
  ['that leaves no cell', () => disc(0, 0), {}, 'mask_unusable'],
  ['that is not a picture', async () => Buffer.from('no picture'), {}, 'not_an_image'],
  ['with cheat', () => disc(255, 0), { cheat: 20 }, 'invalid_option'],
])('a mask %s is refused', async (_, mask, options, code) => {
  await expect(planned(await mask(), options)).rejects.toMatchObject({ code })
})

test('a mask lowers the smallest library to the cells that it leaves', async () => {
  const spot = await sharp({ create: { width: 80, height: 60, channels: 3, background: '#000' } })
    .composite([
      { input: { create: { width: 6, height: 4, channels: 3, background: '#fff' } }, left: 20, top: 20 },
    ])
    .png()
    .toBuffer()
  const few = tileSet(6, { side: 64 })
  const options = { cell: 16, scale: 8 }
  const plan = await planMosaic({ target, mask: spot, tiles: few, options: { ...options, distance: 5 } })
  expect(new Set(plan.cells).size).toBe(cellCount(plan.grid))
  await expect(
    planMosaic({ target, mask: spot, tiles: tileSet(5, { side: 64 }), options }),
  ).rejects.toMatchObject({ code: 'library_too_small', message: expect.stringContaining('at least 6') })
})
