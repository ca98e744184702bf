import type { CandidateList, Candidates } from './auction.ts'
import { startKernel } from './kernel.ts'
import { foundTiles } from './nearest.ts'
import { cellBytes, type SearchSpace } from './search-space.ts'

/** A list grows so many times when it is too short. */
const growth = 6
/** One tile in so many tells how near the nearest few are. */
const sampled = 64
/** Keys are `squared distance * places + position`: below 2^53 for as many tiles as this. */
const places = 2 ** 20

/** The lists that the search left, made longer on demand: few cells are fought over so much that they need it. */
export function candidateLists(
  kernel: WebAssembly.Module,
  space: SearchSpace,
  groups: Uint32Array,
  groupCount: number,
): Candidates {
  const found = foundTiles(space)
  const { keep, tileCount, tileAt, bodies, norms, ways } = space
  const longer = new Map<number, CandidateList>()
  const { distances } = startKernel(kernel, space.memory)
  const squared = new Uint32Array(space.memory.buffer, space.scratch, tileCount)
  const keys = new Float64Array(tileCount)
  const seen = new Int32Array(groupCount)
  let turn = 0

  const of = (cell: number): CandidateList =>
    longer.get(cell) ?? {
      ...found,
      start: cell * keep * 2,
      end: (cell + 1) * keep * 2,
      step: 2,
      whole: keep >= groupCount,
    }

  const extend = (cell: number): void => {
    const { start, end, step } = of(cell)
    const known = (end - start) / step
    const cellAt = space.cells + cell * cellBytes(space)
    distances(bodies, norms, tileCount / ways, cellAt, ways, space.scratch)
    let list: CandidateList
    let wanted = known
    do {
      wanted *= growth
      list = nearestOf(wanted * 2 < tileCount ? distanceOfNearest(squared, wanted) : Infinity)
    } while (list.end <= known)
    longer.set(cell, list)
  }

  /** Those within a squared distance, the nearest of each group. */
  const nearestOf = (limit: number): CandidateList => {
    let length = 0
    for (let position = 0; position < tileCount; position++)
      if (squared[position]! <= limit) keys[length++] = squared[position]! * places + position
    const sorted = keys.subarray(0, length).sort()
    const tiles = new Uint32Array(Math.min(length, groupCount))
    const costs = new Float32Array(tiles.length)
    turn++
    let kept = 0
    for (const key of sorted) {
      const tile = tileAt[key % places]!
      const group = groups[tile]!
      if (seen[group] === turn) continue
      seen[group] = turn
      tiles[kept] = tile
      costs[kept++] = Math.sqrt(Math.floor(key / places))
    }
    return { tiles, costs, start: 0, end: kept, step: 1, whole: kept === groupCount }
  }
  return { of, extend }
}

/** About the squared distance within which the `wanted` nearest lie, rather a little more of them. */
function distanceOfNearest(squared: Uint32Array, wanted: number): number {
  const sample = squared.filter((_, i) => i % sampled === 0).sort()
  const rank = Math.ceil((wanted / squared.length) * sample.length * 1.2) + 2
  return sample[rank] ?? Infinity
}
