import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  composeApart,
  composeMosaic,
  decodePlan,
  editPlan,
  encodePlan,
  type MosaicOptions,
  type MosaicPlan,
  mosaicSize,
  openVirtualPyramid,
  planMosaic,
  tileUsage,
} from '../../engine/index.ts'
import { linearFromSrgb, oklabFromLinear } from '../../engine/oklab.ts'
import { layQuadtree } from '../../engine/quadtree.ts'
import { boxesOf, violations } from './distance-checker.ts'
import { picture, random, tileSet, wavyPixels } from './pictures.ts'

let directory: string
/** Smooth on the left, full of detail on the right. */
let target: Buffer
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-quadtree-'))
  const next = random(3)
  const rgb = wavyPixels(96, 64)
  for (let y = 0, i = 0; y < 64; y++)
    for (let x = 0; x < 96; x++)
      for (let channel = 0; channel < 3; channel++, i++) rgb[i] = x < 48 ? 90 + x / 4 : next() * 255
  target = await sharp(rgb, { raw: { width: 96, height: 64, channels: 3 } })
    .png()
    .toBuffer()
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const tiles = tileSet(300, { side: 64 })
const planned = (options: Partial<MosaicOptions> = {}, threads = 2, of = target) =>
  planMosaic({
    ...{ target: of, tiles, threads },
    options: { layout: 'quadtree', cell: 16, scale: 8, distance: 3, ...options },
  })

async function composed(plan: MosaicPlan, how: Partial<Parameters<typeof composeMosaic>[0]> = {}) {
  const own = await mkdtemp(join(directory, 'made-'))
  return await composeMosaic({ plan, tiles, directory: own, target: { bytes: target }, ...how })
}

/** How often each smallest cell is covered. */
function coverage(plan: MosaicPlan): Uint8Array {
  const { columns, rows } = plan.grid
  const covered = new Uint8Array(columns * rows)
  for (const { left, top, right, bottom } of boxesOf(plan))
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) covered[y * columns + x]!++
  return covered
}

describe('a quadtree', () => {
  test('has large cells in smooth areas and small ones in detailed areas, and covers the picture once', async () => {
    const plan = await planned({ detail: 60 })
    expect(plan.grid).toMatchObject({ columns: 48, rows: 32, cell: 16 })
    expect([...coverage(plan)].every((times) => times === 1)).toBe(true)
    const sides = (from: number, to: number) =>
      boxesOf(plan)
        .filter(({ left, right }) => left >= from && right <= to)
        .map(({ left, right }) => right - left)
    expect(sides(0, 24)).toEqual(Array(12).fill(8))
    expect(sides(24, 48).filter((side) => side === 1).length).toBeGreaterThan(200)
    expect(violations(plan, tiles)).toEqual([])
  })

  test('gets as fine as detail asks, but never splits flat areas', async () => {
    const counts = []
    for (const detail of [0, 25, 100]) counts.push((await planned({ detail })).cells.length)
    expect(counts).toEqual([24, expect.any(Number), 12 + 24 * 32])
    /* Each split turns one cell into four; a quarter of the 12 * 21 possible splits. */
    expect(counts[1]).toBe(24 + 3 * 63)
  })

  test('is centred when the picture is not a multiple of the largest cell', () => {
    const rgb = new Uint8Array(new SharedArrayBuffer(22 * 10 * 3)).fill(99)
    const places = layQuadtree({ rgb, width: 22, height: 10, columns: 22, rows: 10, detail: 50 })
    expect([...places.subarray(0, 6)]).toEqual([3, 1, 8, 11, 1, 8])
    expect(places[8]).toBeLessThan(8)
  })

  test.each([
    ['plain', {}],
    ['with wide cells and flips', { cell: 10, cellHeight: 6, scale: 4, flips: 'all' }],
    ['toned', { tone: 'bounded' }],
    ['with cells of an odd size, larger than the stored tiles', { cell: 65, distance: 1 }],
    ['with each tile at most nine times', { distance: 1, most: 9 }],
    ['with each tile at most nine times, by global search', { search: 'global', distance: 2, most: 9 }],
    ['with each tile once', { search: 'global', detail: 0 }],
    ['with every tile', { least: 1, distance: 1, detail: 50 }],
  ] as const)('%s: composes what it planned, on any number of threads', async (_, options) => {
    const plan = await planned({ detail: 30, ...options })
    expect(violations(plan, tiles)).toEqual([])
    expect(encodePlan(await planned({ detail: 30, ...options }, 1))).toEqual(encodePlan(plan))
    expect(decodePlan(encodePlan(plan))).toEqual(plan)
    const uses = new Map<string, number>()
    for (const tile of plan.cells) {
      const { id } = plan.tiles[tile]!
      uses.set(id, (uses.get(id) ?? 0) + 1)
    }
    const most = Math.max(...uses.values())
    if ('most' in options) expect(most).toBeLessThanOrEqual(options.most)
    else if ('search' in options) expect(most).toBe(1)
    if ('least' in options) expect(uses.size).toBe(tiles.count)

    const { large } = await composed({ ...plan, options: { ...plan.options, format: 'png' } })
    expect(large).toMatchObject(mosaicSize(plan.grid))
    expect(Math.abs((await seenDifference(plan, large.path)) - plan.fidelity.k1)).toBeLessThan(0.4)
    expect(plan.fidelity.ssim).toBeGreaterThan(0)
    expect(plan.fidelity.ssim).toBeLessThan(1)
  })

  test.each([
    ['all', tiles],
    ['as few as possible', tileSet(64, { side: 64 })],
  ])('is planned in parts when memory is short: %s tiles', async (_, own) => {
    const options = { layout: 'quadtree', cell: 16, scale: 8, distance: 3, detail: 50 } as const
    const plan = await planMosaic({ target, tiles: own, options, memory: 200_000, threads: 2 })
    expect(violations(plan, own)).toEqual([])
    const whole = await planMosaic({ target, tiles: own, options, threads: 2 })
    expect(plan.grid).toEqual(whole.grid)
    expect(plan.fidelity.k1).toBeLessThan(whole.fidelity.k1 * 1.6)
  })

  test('gives the same bytes when composed in another process', async () => {
    const plan = await planned({ detail: 30, scale: 37, cell: 74 })
    const here = await composed(plan, { pyramid: false })
    // Smaller ones are composed in this process: see `heavyPixels`.
    expect(here.large.width * here.large.height).toBeGreaterThan(8e6)
    const own = await mkdtemp(join(directory, 'apart-'))
    const apart = await composeApart({ plan, tiles, directory: own, pyramid: false })
    expect((await readFile(apart.large.path)).equals(await readFile(here.large.path))).toBe(true)
  })

  test('is at least twice as close to its target as the same tiles in reverse', async () => {
    const plan = await planned({ detail: 30 })
    const { large } = await composed(plan)
    const shuffled = await composed({ ...plan, cells: plan.cells.toReversed() })
    const near = await seenDifference(plan, large.path)
    expect(near).toBeLessThan((await seenDifference(plan, shuffled.large.path)) / 2)
  })

  test('has a pyramid in which each level halves the one above', async () => {
    const plan = await planned({ detail: 30 })
    const { pyramid, large } = await composed(plan)
    expect(pyramid.path).toBeTruthy()
    const whole = sharp(large.path)
    const view = await openVirtualPyramid({ plan, tiles, quality: 95 })
    for (const halvings of [1, 3, 5, 6]) {
      const small = await sharp(await view.tile(10 - halvings, 0, 0))
        .raw()
        .toBuffer({ resolveWithObject: true })
      const { width, height } = small.info
      const expected = await whole
        .clone()
        .resize(width, height, { fit: 'fill', kernel: 'linear' })
        .raw()
        .toBuffer()
      let error = 0
      /* A tile shows a whole level only up to 512 px. */
      if (width !== Math.ceil(768 / 2 ** halvings)) throw new Error('expected one tile')
      for (let i = 0; i < expected.length; i++) error += Math.abs(expected[i]! - small.data[i]!)
      expect(error / expected.length).toBeLessThan(9)
    }
  })

  test('is edited by the position of any smallest cell inside of a cell', async () => {
    const before = await planned({ detail: 30 })
    const first = await composed(before)
    const other = before.tiles[before.cells.at(-1)!]!.id
    const { plan, changed } = await editPlan({
      ...{ plan: before, tiles, target },
      edits: { pin: [{ x: 7, y: 7, tile: 'tile-5' }], ban: [other] },
    })
    expect(plan.tiles[plan.cells[0]!]!.id).toBe('tile-5')
    expect(changed).toContain(0)
    expect(plan.tiles.some(({ id }) => id === other)).toBe(false)
    expect(violations(plan, tiles)).toEqual([])
    expect(plan.grid).toEqual(before.grid)
    const fresh = await composed(plan)
    const copied = await composed(plan, {
      earlier: { plan: before, large: first.large.path, pyramid: first.pyramid.path },
    })
    expect((await readFile(copied.large.path)).equals(await readFile(fresh.large.path))).toBe(true)
    expect((await readFile(copied.pyramid.path)).equals(await readFile(fresh.pyramid.path))).toBe(true)
  })

  test('reports how close repeated photos are', async () => {
    const plan = await planned({ detail: 30 })
    expect(tileUsage(plan).nearest).toBe(4)
  })
})

describe('cells listed one by one', () => {
  test('cover their area and keep the distance with any options', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          width: fc.integer({ min: 1, max: 70 }),
          height: fc.integer({ min: 1, max: 70 }),
          detail: fc.integer({ min: 0, max: 100 }),
          distance: fc.integer({ min: 0, max: 6 }),
          library: fc.integer({ min: 1, max: 200 }),
          groups: fc.integer({ min: 1, max: 3 }),
          seed: fc.integer({ min: 0, max: 99 }),
          layout: fc.constantFrom('grid' as const, 'quadtree' as const, 'hexagons' as const),
          most: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
          mask: fc.option(fc.integer({ min: 0, max: 99 }), { nil: undefined }),
        }),
        async ({ width, height, detail, distance, library, groups, seed, layout, most, mask }) => {
          const own = tileSet(library, { seed, group: (i) => Math.floor(i / groups) })
          const options = { cell: 8, scale: 4, detail, distance, layout, ...(most && { most }) }
          const of = await picture(width, height, seed).png().toBuffer()
          const masked =
            mask === undefined ? {} : { mask: await picture(40, 30, mask).greyscale().png().toBuffer() }
          let plan: MosaicPlan
          try {
            plan = await planMosaic({ target: of, tiles: own, options, ...masked, threads: 2 })
          } catch (error) {
            const { code, message } = error as { code: string; message: string }
            expect(['library_too_small', 'mask_unusable']).toContain(code)
            /* The library size named in the error does work. */
            const needed = Number(/at least (\d+)/.exec(message)?.[1])
            if (code === 'library_too_small') {
              expect(needed).toBeGreaterThan(Math.ceil(library / groups))
              plan = await planMosaic({
                ...masked,
                target: of,
                tiles: tileSet(needed, { seed }),
                options,
                threads: 2,
              })
              expect(violations(plan, tileSet(needed, { seed }))).toEqual([])
            }
            return
          }
          expect(violations(plan, own)).toEqual([])
          const covered = coverage(plan)
          expect(Math.max(...covered)).toBe(1)
          if (mask === undefined) expect(Math.min(...covered)).toBe(1)
          const uses = new Map<number, number>()
          for (const tile of plan.cells) {
            const group = own.groups[Number(plan.tiles[tile]!.id.slice(5))]!
            uses.set(group, (uses.get(group) ?? 0) + 1)
          }
          if (most) expect(Math.max(...uses.values())).toBeLessThanOrEqual(most)
          expect(decodePlan(encodePlan(plan))).toEqual(plan)
        },
      ),
      { numRuns: 30, seed: 20261121 },
    )
  })

  test.each([
    ['overlapping cells', [0, 0, 2, 1, 1, 1]],
    ['a cell beyond the grid', [47, 31, 2]],
    ['small cells before large ones', [0, 0, 1, 8, 8, 8]],
    ['a side that is not a power of two', [0, 0, 3]],
    ['a missing number', [0, 0, 1, 1, 1]],
    ['no cells', []],
  ])('are refused in a plan: %s', async (_, places) => {
    const plan = JSON.parse(new TextDecoder().decode(encodePlan(await planned({ detail: 0 }))))
    const count = Math.ceil(places.length / 3)
    const cells = Array(count).fill(0)
    const file = { ...plan, places, cells, scores: cells }
    expect(() => decodePlan(new TextEncoder().encode(JSON.stringify(file)))).toThrow(/plan of version 1 or 2/)
  })
})

/** Mean difference between the cells' mean colours and the target's, weighted by area: `fidelity.k1`, from pixels alone. */
async function seenDifference(plan: MosaicPlan, path: string): Promise<number> {
  const raw = async (of: Sharp) => await of.removeAlpha().raw().toBuffer()
  const { width, height } = mosaicSize(plan.grid)
  const mosaic = await raw(sharp(path))
  const wanted = await raw(sharp(target).resize(width, height, { fit: 'fill', kernel: 'nearest' }))
  const [w, h] = [plan.grid.cell, plan.grid.cellHeight ?? plan.grid.cell]
  let [error, area] = [0, 0]
  for (const { left, top, right, bottom } of boxesOf(plan)) {
    const box = { left: left * w, top: top * h, right: right * w, bottom: bottom * h }
    const [one, other] = [meanColour(mosaic, width, box), meanColour(wanted, width, box)]
    const weight = (right - left) ** 2
    error += Math.hypot(...one.map((value, i) => value - other[i]!)) * weight
    area += weight
  }
  return (error / area) * 100
}

function meanColour(
  rgb: Buffer,
  width: number,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
): number[] {
  const sum = [0, 0, 0]
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++)
      for (let channel = 0; channel < 3; channel++)
        sum[channel]! += linearFromSrgb[rgb[(y * width + x) * 3 + channel]!]!
  const [r, g, b] = sum.map((value) => value / ((right - left) * (bottom - top)))
  const colour = new Float32Array(3)
  oklabFromLinear(r!, g!, b!, colour, 0)
  return [...colour]
}
