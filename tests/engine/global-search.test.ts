import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auctionTiles, emptyAssignment } from '../../engine/assignment.ts'
import { makeDistanceTable, measureDistances } from '../../engine/distance-table.ts'
import {
  decodePlan,
  encodePlan,
  type MosaicOptions,
  type MosaicPlan,
  planMosaic,
  smallestLibrary,
  type TileSet,
} from '../../engine/index.ts'
import { loadKernel } from '../../engine/kernel.ts'
import { indexTiles } from '../../engine/matching-vectors.ts'
import { nearestTiles } from '../../engine/nearest.ts'
import { distancesOf, makeSearchSpace, writeCells } from '../../engine/search-space.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { leastCost } from './dense-assignment.ts'
import { violations } from './distance-checker.ts'
import { picture, random, tileSet } from './pictures.ts'

/** Descriptions with one base colour and some detail each: crowded in places, like photos. */
function descriptions(count: number, next: () => number): Float32Array {
  const features = new Float32Array(count * featureLength)
  for (let i = 0; i < count; i++) {
    const base = [next() ** 2, (next() - 0.5) * 0.2, (next() - 0.5) * 0.2]
    for (let k = 0; k < featureLength; k++)
      features[i * featureLength + k] = base[k % 3]! + (next() - 0.5) * 0.1
  }
  return features
}

test.each([
  { cells: 1, tiles: 1, most: 1 },
  { cells: 150, tiles: 150, most: 1 },
  { cells: 300, tiles: 420, most: 1 },
  { cells: 600, tiles: 640, most: 1 },
  { cells: 330, tiles: 120, most: 3 },
])(
  '$cells cells, $tiles tiles, $most uses: within 1 % of the exact optimum, and within the gap it claims',
  async ({ cells, tiles, most }) => {
    const next = random(cells + tiles)
    const kernel = await loadKernel()
    const index = indexTiles({ features: descriptions(tiles, next), ways: 1 })
    const groups = Uint32Array.from({ length: tiles }, (_, i) => i)
    /* Short lists, so that they have to grow. */
    const space = makeSearchSpace(index, groups, cells, 8)
    writeCells(space, descriptions(cells, next), 0, cells)
    const shared = new Int32Array(new SharedArrayBuffer(8))
    nearestTiles({ kernel, space, from: 0, to: cells, shared })
    const table = makeDistanceTable(space)
    measureDistances({ kernel, space, table, groups, groupCount: tiles, from: 0, to: cells, shared })
    const positionOf = new Map(Array.from(space.tileAt, (tile, position) => [tile, position]))
    const matrix = Array.from({ length: cells }, (_, cell) => {
      const distance = distancesOf(space, cell)
      return Float64Array.from({ length: tiles }, (_, tile) => distance(positionOf.get(tile)!))
    })
    const optimum = leastCost(cells, tiles * most, (row, column) => matrix[row]![Math.floor(column / most)]!)
    /* As it is with few cells and tiles, and as it is with too many of them. */
    for (const known of [table, undefined]) {
      const grid = { columns: cells, rows: 1, cell: 4 }
      const assignment = emptyAssignment(cells)
      const { chosen, costs } = assignment
      const { gap } = auctionTiles({
        ...{ kernel, space, table: known, assignment, grid, distance: 0 },
        ...{ groups, groupCount: tiles, most, shared },
      })
      const uses = new Map<number, number>()
      for (const tile of chosen) uses.set(tile, (uses.get(tile) ?? 0) + 1)
      expect(Math.max(...uses.values())).toBeLessThanOrEqual(most)
      let sum = 0
      chosen.forEach((tile, cell) => {
        expect(costs[cell]).toBe(Math.fround(matrix[cell]![tile]!))
        sum += matrix[cell]![tile]!
      })
      expect(sum).toBeLessThanOrEqual(optimum * 1.01)
      expect(sum).toBeGreaterThanOrEqual(optimum * (1 - 1e-6))
      expect(optimum * (1 + gap)).toBeGreaterThanOrEqual(sum * (1 - 1e-6))
      expect(gap).toBeLessThan(0.01)
    }
  },
)

test('where each tile may come as often as anybody may ask for, each cell gets its nearest, and only what is used takes memory', async () => {
  const [cells, tiles] = [3000, 6000]
  const next = random(1)
  const kernel = await loadKernel()
  const index = indexTiles({ features: descriptions(tiles, next), ways: 1 })
  const groups = Uint32Array.from({ length: tiles }, (_, i) => i)
  const space = makeSearchSpace(index, groups, cells, 8)
  /* Many want the same: the second half is of one colour. */
  const described = descriptions(cells, next)
  described.fill(0.5, described.length / 2)
  writeCells(space, described, 0, cells)
  const shared = new Int32Array(new SharedArrayBuffer(8))
  nearestTiles({ kernel, space, from: 0, to: cells, shared })
  const grid = { columns: cells, rows: 1, cell: 4 }
  const assignment = emptyAssignment(cells)
  const { gap, prices } = auctionTiles({
    ...{ kernel, space, assignment, grid, distance: 0, groups, groupCount: tiles, shared },
    most: 1_000_000,
  })
  for (let cell = 0; cell < cells; cell += 100) {
    const distance = distancesOf(space, cell)
    const all = Array.from({ length: tiles }, (_, position) => distance(position))
    expect(assignment.costs[cell]).toBe(Math.fround(Math.min(...all)))
  }
  expect(gap).toBeLessThan(0.01)
  expect(Math.max(...prices)).toBe(0)
})

const usesOf = (plan: MosaicPlan, tiles: TileSet): number => {
  const groupOf = new Map(
    Array.from({ length: tiles.count }, (_, i) => [tiles.credit(i).id, tiles.groups[i]!]),
  )
  const uses = new Map<number, number>()
  for (const place of plan.cells) {
    const group = groupOf.get(plan.tiles[place]!.id)!
    uses.set(group, (uses.get(group) ?? 0) + 1)
  }
  return Math.max(...uses.values())
}

test('no tile exceeds its uses, counting near-duplicates and flips, and equal ones keep their distance', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        columns: fc.integer({ min: 1, max: 20 }),
        rows: fc.integer({ min: 1, max: 20 }),
        distance: fc.integer({ min: 0, max: 4 }),
        most: fc.integer({ min: 1, max: 12 }),
        extra: fc.integer({ min: 0, max: 30 }),
        alike: fc.integer({ min: 1, max: 2 }),
        flips: fc.constantFrom('off' as const, 'mirror' as const),
        seed: fc.integer({ min: 1, max: 1e6 }),
      }),
      async ({ columns, rows, distance, most, extra, alike, flips, seed }) => {
        const groups = smallestLibrary({ columns, rows }, distance, most) + extra
        const tiles = tileSet(groups * alike, { seed, side: 4, group: (i) => i % groups })
        const target = await picture(columns * 2, rows * 2, seed)
          .png()
          .toBuffer()
        const options = { cell: 4, scale: 2, distance, most, flips }
        const plan = await planMosaic({ target, tiles, options })
        expect(usesOf(plan, tiles)).toBeLessThanOrEqual(most)
        if (most > 1) expect(violations(plan, tiles)).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})

const globally = async (tiles: TileSet, threads = 2) =>
  planMosaic({
    target: await picture(60, 40, 3).png().toBuffer(),
    tiles,
    options: { cell: 4, scale: 2, search: 'global' },
    threads,
  })

test('a global search uses each tile once and reports its gap to the optimum', async () => {
  const tiles = tileSet(700, { side: 4 })
  const plan = await globally(tiles)
  expect(usesOf(plan, tiles)).toBe(1)
  expect(plan.gap).toBeGreaterThanOrEqual(0)
  expect(plan.gap).toBeLessThan(0.01)
  const [one, four] = [await globally(tiles, 1), await globally(tiles, 4)]
  expect(Buffer.compare(encodePlan(one), encodePlan(four))).toBe(0)
  expect(decodePlan(encodePlan(plan))).toEqual(plan)
})

test('refuses a library that is too small, naming the smallest that works', async () => {
  await expect(globally(tileSet(599, { side: 4 }))).rejects.toMatchObject({
    code: 'library_too_small',
    message: expect.stringContaining('at least 600 different tiles, because each is used once'),
  })
  expect(usesOf(await globally(tileSet(600, { side: 4 })), tileSet(600, { side: 4 }))).toBe(1)
})

describe('every tile', () => {
  const everyTile = async (tiles: TileSet, options: Partial<MosaicOptions>) =>
    planMosaic({
      target: await picture(60, 40, 3).png().toBuffer(),
      tiles,
      options: { cell: 4, scale: 2, distance: 3, least: 1, ...options },
    })

  test.each([
    ['a library as large as the mosaic', 600, {}],
    ['a library nearly as large', 580, {}],
    ['a small library', 90, {}],
    ['tiles that may be used twice', 400, { most: 2 }],
    ['flipped tiles', 350, { flips: 'all' as const }],
  ])('is in a mosaic that asks for it, and the distance is kept: %s', async (_, count, options) => {
    const tiles = tileSet(count, { side: 4 })
    const plan = await everyTile(tiles, options)
    expect(new Set(plan.tiles.map(({ id }) => id)).size).toBe(count)
    expect(violations(plan, tiles)).toEqual([])
  })

  test('changes only as many cells as tiles were unused, at little cost', async () => {
    const tiles = tileSet(400, { side: 4 })
    const [free, bound] = [await everyTile(tiles, { least: 0 }), await everyTile(tiles, {})]
    const used = new Set(free.tiles.map(({ id }) => id)).size
    expect(used).toBeLessThan(400)
    const changed = bound.cells.filter((tile, cell) => {
      return bound.tiles[tile]!.id !== free.tiles[free.cells[cell]!]!.id
    })
    expect(changed).toHaveLength(400 - used)
    /* In random cells, each would be some 20 away. */
    const mean = ({ scores }: MosaicPlan) => scores.reduce((sum, score) => sum + score, 0) / scores.length
    expect((mean(bound) - mean(free)) * (600 / changed.length)).toBeLessThan(12)
  })

  test('is refused for a library larger than the mosaic', async () => {
    await expect(everyTile(tileSet(601, { side: 4 }), {})).rejects.toMatchObject({
      code: 'library_too_large',
      message: expect.stringContaining('at most 600 different tiles'),
    })
  })
})
