import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeDistanceTable, measureDistances, nearestWay } from '../../engine/distance-table.ts'
import { loadKernel, startKernel } from '../../engine/kernel.ts'
import { indexTiles, type Ways } from '../../engine/matching-vectors.ts'
import { foundTiles, nearestAllowed, nearestTiles } from '../../engine/nearest.ts'
import { offersOfTable } from '../../engine/offers-of-table.ts'
import { orient } from '../../engine/orientation.ts'
import {
  cellBodies,
  cellBytes,
  distancesOf,
  makeSearchSpace,
  tilesAsCells,
  writeCells,
} from '../../engine/search-space.ts'
import { featureLength, samplesPerSide } from '../../engine/tile-set.ts'
import { random } from './pictures.ts'

/** Descriptions around a few centres, so that some are near, some far and, with coarse rounding, some equal. */
function descriptions(count: number, next: () => number, coarse: boolean): Float32Array {
  const centres = Array.from({ length: 5 }, () => [next(), (next() - 0.5) * 0.4, (next() - 0.5) * 0.4])
  const round = (value: number) => (coarse ? Math.round(value * 8) / 8 : value)
  return Float32Array.from({ length: count * featureLength }, (_, i) => {
    const centre = centres[Math.floor(i / featureLength) % 5]!
    return round(centre[i % 3]! + (next() - 0.5) * 0.2)
  })
}

/** Every description in each of `ways` orientations. */
function turned(features: Float32Array, ways: Ways): Float32Array {
  const out = new Float32Array(features.length * ways)
  for (let i = 0; i < out.length / featureLength; i++) {
    const from = Math.floor(i / ways) * featureLength
    const own = features.subarray(from, from + featureLength)
    orient(own, samplesPerSide, i % ways, out, i * featureLength)
  }
  return out
}

const searches = fc.record({
  ways: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
  tileCount: fc.integer({ min: 1, max: 300 }),
  cellCount: fc.integer({ min: 1, max: 40 }),
  keep: fc.integer({ min: 1, max: 70 }),
  alike: fc.integer({ min: 1, max: 4 }),
  coarse: fc.boolean(),
  seed: fc.nat(),
})
type Search = typeof searches extends fc.Arbitrary<infer T> ? T : never

function spaceFor({ ways, tileCount, cellCount, keep, alike, coarse, seed }: Search) {
  const next = random(seed)
  const groups = Uint32Array.from({ length: tileCount * ways }, (_, i) => Math.floor(i / ways / alike))
  const tiles = turned(descriptions(tileCount, next, coarse), ways)
  const index = indexTiles({ features: tiles, ways })
  const space = makeSearchSpace(index, groups, cellCount, keep)
  const cells = descriptions(cellCount, next, coarse)
  writeCells(space, cells, 0, cellCount)
  return { space, groups, tiles, cells }
}

test('the kernel agrees with brute force: nearest first, one of each group, ties by lower position', async () => {
  const kernel = await loadKernel()
  fc.assert(
    fc.property(searches, (search) => {
      const { cellCount, tileCount, alike, keep } = search
      const { space, groups } = spaceFor(search)
      const shared = new Int32Array(new SharedArrayBuffer(8))
      nearestTiles({ kernel, space, from: 0, to: cellCount, shared })

      const found = foundTiles(space)
      expect(space.keep).toBe(Math.min(keep, Math.ceil(tileCount / alike)))
      for (let cell = 0; cell < cellCount; cell++) {
        const distance = distancesOf(space, cell)
        const all = Array.from(space.tileAt, (tile, position) => ({
          tile,
          position,
          cost: distance(position),
        }))
        all.sort((a, b) => a.cost - b.cost || a.position - b.position)
        const met = new Set<number>()
        const expected = all
          .filter(({ tile }) => !met.has(groups[tile]!) && met.add(groups[tile]!))
          .slice(0, space.keep)
        const at = (i: number) => 2 * (cell * space.keep + i)
        expect(expected.map((_, i) => found.tiles[at(i)])).toEqual(expected.map(({ tile }) => tile))
        expect(expected.map((_, i) => found.costs[at(i) + 1])).toEqual(
          expected.map(({ cost }) => Math.fround(cost)),
        )
        const allowed = (tile: number) => groups[tile]! % 3 === 0
        expect(nearestAllowed(space, cell, allowed)).toBe(
          all.find(({ tile }) => allowed(tile))?.position ?? -1,
        )
      }
    }),
    { numRuns: 80 },
  )
})

test('a table knows which tile is cheapest for a cell and which comes next, whatever prices were before', async () => {
  const kernel = await loadKernel()
  fc.assert(
    fc.property(searches, (search) => {
      const { cellCount, tileCount, alike, seed } = search
      const { space, groups } = spaceFor(search)
      const groupCount = Math.ceil(tileCount / alike)
      const table = makeDistanceTable(space)
      const shared = new Int32Array(new SharedArrayBuffer(8))
      measureDistances({ kernel, space, table, groups, groupCount, from: 0, to: cellCount, shared })
      const next = random(seed + 1)
      const least = new Float64Array(groupCount)
      const second = new Float64Array(groupCount).fill(Infinity)
      const { choose, choice, repriced } = offersOfTable(kernel, space, table, groups, { least, second })
      const costsOf = Array.from({ length: Math.min(6, cellCount) }, (_, cell) => {
        const distance = distancesOf(space, cell)
        const costs = new Float64Array(groupCount).fill(Infinity)
        for (const [position, tile] of space.tileAt.entries())
          costs[groups[tile]!] = Math.min(costs[groups[tile]!]!, distance(position))
        return costs
      })
      for (let turn = 0; turn < 4; turn++) {
        for (const [cell, costs] of costsOf.entries()) {
          const all = costs.map((cost, group) => cost + least[group]!).sort()
          choose(cell)
          expect(choice.value).toBeCloseTo(all[0]!, 2)
          expect(choice.next).toBeCloseTo(all[1] ?? Infinity, 2)
          const stands = nearestWay(space, cell, choice.tile)
          expect(groups[stands.tile]).toBe(choice.group)
          expect(choice.cost).toBeCloseTo(costs[choice.group]!, 2)
          expect(stands.cost).toBeCloseTo(costs[choice.group]!, 2)
        }
        /* Many become dearer; the last time, all of them cheaper first. */
        for (let group = 0; group < groupCount; group++) {
          if (turn === 2) least[group] = Math.max(0, least[group]! - 800)
          if (next() < 0.4) least[group]! += next() * 1500
          repriced(group)
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('an orientation of a tile has the distance of a tile stored in that orientation', async () => {
  const kernel = await loadKernel()
  fc.assert(
    fc.property(searches, (search) => {
      const { ways, cellCount } = search
      const { space, tiles, cells } = spaceFor(search)
      /* The same tiles with each orientation as a tile of its own, so that no symmetry is used. */
      const groups = Uint32Array.from(space.tileAt.keys())
      const plain = makeSearchSpace(indexTiles({ features: tiles, ways: 1 }), groups, cellCount, 1)
      writeCells(plain, cells, 0, cellCount)
      const placeOf = new Map([...plain.tileAt.entries()].map(([position, tile]) => [tile, position]))
      const { distances } = startKernel(kernel, space.memory)
      const squared = new Uint32Array(space.memory.buffer, space.scratch, space.tileCount)
      for (let cell = 0; cell < Math.min(4, cellCount); cell++) {
        const { bodies, norms, cells, tileCount, scratch } = space
        distances(bodies, norms, tileCount / ways, cells + cell * cellBytes(space), ways, scratch)
        const [here, there] = [distancesOf(space, cell), distancesOf(plain, cell)]
        for (const [position, tile] of space.tileAt.entries()) {
          expect(Math.sqrt(squared[position]!)).toBe(here(position))
          /* Each of the 48 values may be rounded the other way. */
          expect(Math.abs(here(position) - there(placeOf.get(tile)!))).toBeLessThan(Math.sqrt(48))
        }
      }
    }),
    { numRuns: 20 },
  )
})

test('swapping the roles of tiles and cells keeps their distances', async () => {
  fc.assert(
    fc.property(searches, (search) => {
      const { space } = spaceFor(search)
      const { cellCount } = search
      const positions = [...space.tileAt.keys()].filter((position) => position % 7 === 0)
      const numbers = new Uint32Array(new SharedArrayBuffer(cellCount * 4)).map((_, i) => i)
      const tileAt = new Uint32Array(new SharedArrayBuffer(numbers.byteLength))
      tileAt.set(numbers)
      const index = { ways: 1 as const, head: [], bodies: cellBodies(space), tileAt }
      const swapped = makeSearchSpace(index, numbers, positions.length, 1)
      tilesAsCells(space, positions, swapped)
      positions.slice(0, 20).forEach((position, i) => {
        const toCells = distancesOf(swapped, i)
        for (let cell = 0; cell < cellCount; cell++)
          expect(toCells(cell)).toBe(distancesOf(space, cell)(position))
      })
    }),
    { numRuns: 20 },
  )
})
