import { startKernel } from './kernel.ts'
import { foundTiles } from './nearest.ts'
import type { CandidateList, Candidates } from './offers-of-lists.ts'
import { cellBytes, type SearchSpace } from './search-space.ts'

/** A list grows so many times when it is too short. */
const growth = 4
/** No squared distance is larger. */
const farthest = 0xffffffff
/** One tile in so many tells how near the nearest few are. */
const sampled = 64
/** Distances that a longer list is put in order by: what is sorted through takes four times as long as what is read. */
const shelves = 64

/** The lists that the search left, made longer on demand: few cells are fought over so much that they need it. */
export function candidateLists(
  kernel: WebAssembly.Module,
  space: SearchSpace,
  groups: Uint32Array,
  groupCount: number,
): Candidates {
  const found = foundTiles(space)
  const { keep, tileCount, tileAt, bodies, norms, ways } = space
  const lists = Array.from({ length: space.cellCount }, (_, cell): CandidateList => {
    const [start, end] = [cell * keep * 2, (cell + 1) * keep * 2]
    const beyond = keep >= groupCount ? Infinity : found.costs[end - 1]!
    return { ...found, start, end, step: 2, beyond, disorder: 0 }
  })
  const { distances } = startKernel(kernel, space.memory)
  const squared = new Uint32Array(space.memory.buffer, space.scratch, tileCount)
  const seen = new Int32Array(groupCount)
  const placeOf = new Uint32Array(groupCount)
  const nearest = new Uint32Array(groupCount)
  const unordered = new Float32Array(groupCount)
  const shelfOf = new Uint8Array(groupCount)
  const filled = new Uint32Array(shelves + 1)
  let turn = 0

  const of = (cell: number): CandidateList => lists[cell]!

  const extend = (cell: number): void => {
    const { start, end, step } = of(cell)
    const known = (end - start) / step
    const cellAt = space.cells + cell * cellBytes(space)
    distances(bodies, norms, tileCount / ways, cellAt, ways, space.scratch)
    let list: CandidateList
    let wanted = known
    do {
      wanted *= growth
      list = nearestOf(wanted * 2 < tileCount ? distanceOfNearest(squared, wanted) : farthest)
    } while (list.end <= known)
    lists[cell] = list
  }

  /** Those within a squared distance, the nearest of each group, by shelves. */
  const nearestOf = (limit: number): CandidateList => {
    turn++
    let length = 0
    for (let position = 0; position < tileCount; position++) {
      if (squared[position]! > limit) continue
      const group = groups[tileAt[position]!]!
      if (seen[group] !== turn) {
        seen[group] = turn
        placeOf[group] = length
        nearest[length++] = position
      } else if (squared[position]! < squared[nearest[placeOf[group]!]!]!) nearest[placeOf[group]!] = position
    }
    let least = Infinity
    let most = 0
    for (let i = 0; i < length; i++) {
      unordered[i] = Math.sqrt(squared[nearest[i]!]!)
      least = Math.min(least, unordered[i]!)
      most = Math.max(most, unordered[i]!)
    }
    /* The last one is not used up, so that rounding leads nowhere beyond it. */
    const perShelf = most > least ? (shelves - 0.01) / (most - least) : 0
    filled.fill(0)
    for (let i = 0; i < length; i++) {
      shelfOf[i] = (unordered[i]! - least) * perShelf
      filled[shelfOf[i]! + 1]!++
    }
    for (let i = 0; i < shelves; i++) filled[i + 1]! += filled[i]!
    const tiles = new Uint32Array(length)
    const costs = new Float32Array(length)
    for (let i = 0; i < length; i++) {
      const place = filled[shelfOf[i]!]!++
      tiles[place] = tileAt[nearest[i]!]!
      costs[place] = unordered[i]!
    }
    const beyond = length === groupCount ? Infinity : Math.sqrt(limit)
    return { tiles, costs, start: 0, end: length, step: 1, beyond, disorder: (most - least) / (shelves - 1) }
  }
  return { of, extend }
}

/** About the squared distance within which the `wanted` nearest lie, rather a little more of them. */
function distanceOfNearest(squared: Uint32Array, wanted: number): number {
  const sample = new Uint32Array(Math.ceil(squared.length / sampled))
  for (let i = 0; i < sample.length; i++) sample[i] = squared[i * sampled]!
  sample.sort()
  const rank = Math.ceil((wanted / squared.length) * sample.length * 1.2) + 2
  return sample[rank] ?? farthest
}
