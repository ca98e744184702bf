import { startKernel } from './kernel.ts'
import { foundTiles } from './nearest.ts'
import type { CandidateList, Candidates } from './offers-of-lists.ts'
import { cellBytes, type SearchSpace } from './search-space.ts'

/** Factor by which a list grows when it is too short. */
const growth = 4
/** Above every squared distance. */
const farthest = 0xffffffff
/** One tile in this many is sampled to estimate the distance of the nearest few. */
const sampled = 64
/** Buckets by distance for longer lists: sorting them takes four times as long as reading them. */
const buckets = 64

/** The candidate lists of the search, extended on demand: few cells are contested enough to need it. */
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
  const bucketOf = new Uint8Array(groupCount)
  const filled = new Uint32Array(buckets + 1)
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

  /** The nearest tile of each group within a squared distance, in buckets. */
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
    /* Slightly fewer than all buckets, so that rounding never exceeds the last one. */
    const perBucket = most > least ? (buckets - 0.01) / (most - least) : 0
    filled.fill(0)
    for (let i = 0; i < length; i++) {
      bucketOf[i] = (unordered[i]! - least) * perBucket
      filled[bucketOf[i]! + 1]!++
    }
    for (let i = 0; i < buckets; i++) filled[i + 1]! += filled[i]!
    const tiles = new Uint32Array(length)
    const costs = new Float32Array(length)
    for (let i = 0; i < length; i++) {
      const place = filled[bucketOf[i]!]!++
      tiles[place] = tileAt[nearest[i]!]!
      costs[place] = unordered[i]!
    }
    const beyond = length === groupCount ? Infinity : Math.sqrt(limit)
    return { tiles, costs, start: 0, end: length, step: 1, beyond, disorder: (most - least) / (buckets - 1) }
  }
  return { of, extend }
}

/**
 * Estimates the squared distance within which the `wanted` nearest tiles lie, rather too large than too
 * small.
 */
function distanceOfNearest(squared: Uint32Array, wanted: number): number {
  const sample = new Uint32Array(Math.ceil(squared.length / sampled))
  for (let i = 0; i < sample.length; i++) sample[i] = squared[i * sampled]!
  sample.sort()
  const rank = Math.ceil((wanted / squared.length) * sample.length * 1.2) + 2
  return sample[rank] ?? farthest
}
