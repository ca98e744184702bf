import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadKernel } from '../../engine/kernel.ts'
import { indexTiles, writeVectors } from '../../engine/matching-vectors.ts'
import { cellVectors, distancesOf, foundTiles, makeSearchSpace, nearestTiles } from '../../engine/nearest.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { random } from './pictures.ts'

/** Descriptions around a few centres, so that there are near ones, far ones and, rounded coarsely, equal ones. */
function descriptions(count: number, next: () => number, coarse: boolean): Float32Array {
  const centres = Array.from({ length: 5 }, () => [next(), (next() - 0.5) * 0.4, (next() - 0.5) * 0.4])
  const round = (value: number) => (coarse ? Math.round(value * 8) / 8 : value)
  return Float32Array.from({ length: count * featureLength }, (_, i) => {
    const centre = centres[Math.floor(i / featureLength) % 5]!
    return round(centre[i % 3]! + (next() - 0.5) * 0.2)
  })
}

test('the kernel finds what brute force finds: nearest first, one of each group, ties by lower position', async () => {
  const kernel = await loadKernel()
  fc.assert(
    fc.property(
      fc.record({
        tileCount: fc.integer({ min: 1, max: 300 }),
        cellCount: fc.integer({ min: 1, max: 40 }),
        keep: fc.integer({ min: 1, max: 70 }),
        alike: fc.integer({ min: 1, max: 4 }),
        coarse: fc.boolean(),
        seed: fc.nat(),
      }),
      ({ tileCount, cellCount, keep, alike, coarse, seed }) => {
        const next = random(seed)
        const groups = Uint32Array.from({ length: tileCount }, (_, i) => Math.floor(i / alike))
        const index = indexTiles({ features: descriptions(tileCount, next, coarse) })
        const space = makeSearchSpace(index, groups, cellCount, keep)
        writeVectors(
          descriptions(cellCount, next, coarse),
          index.valueOrder,
          cellVectors(space),
          0,
          cellCount,
        )
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
          expected.forEach(({ cost }, i) => {
            expect(found.costs[at(i) + 1]).toBe(Math.fround(cost))
          })
        }
      },
    ),
    { numRuns: 150 },
  )
})
