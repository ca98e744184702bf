import { checkpoint, type Shared } from './checkpoint.ts'
import { startKernel } from './kernel.ts'
import { headLength } from './matching-vectors.ts'
import { cellBytes, cellLength, distancesOf, type SearchSpace } from './search-space.ts'

/**
 * Cells between two checkpoints. Few, because V8 does not replace the code of a running WebAssembly call: one
 * that began in baseline code stays three times as slow as optimised code available a few ms later.
 */
const cellsPerTurn = 32

/**
 * Candidates: `tiles[2 * (cell * keep + i)]` is the i-th nearest tile, the entry after it in `costs` its
 * distance.
 */
export interface Found {
  tiles: Uint32Array
  /** Not squared, in steps of the vectors. */
  costs: Float32Array
}

export function foundTiles({ memory, lists, cellCount, keep }: SearchSpace): Found {
  const length = cellCount * keep * 2
  return {
    tiles: new Uint32Array(memory.buffer, lists, length),
    costs: new Float32Array(memory.buffer, lists, length),
  }
}

export interface NearestTask {
  kernel: WebAssembly.Module
  space: SearchSpace
  /** The cells to search for: first, and one past the last. */
  from: number
  to: number
  shared: Shared
}

/** Thread task: finds the exact nearest tiles of some cells. */
export function nearestTiles({ kernel, space, from, to, shared }: NearestTask): void {
  const { heads, bodies, norms, groups, cells, lists, keep, ways, tileAt } = space
  const count = tileAt.length / ways
  const { nearest } = startKernel(kernel, space.memory)
  for (let start = from; start < to; start += cellsPerTurn) {
    const end = Math.min(to, start + cellsPerTurn)
    nearest(heads, bodies, norms, groups, count, cells, cellBytes(space), ways, start, end, keep, lists)
    const found = foundTiles(space)
    for (let i = start * keep * 2; i < end * keep * 2; i += 2) {
      const squared = found.tiles[i + 1]!
      found.tiles[i] = tileAt[found.tiles[i]!]!
      found.costs[i + 1] = Math.sqrt(squared)
    }
    checkpoint(shared, end - start)
  }
}

/**
 * Position of the nearest tile allowed for a cell, or -1: searches outwards from the cell's place in the
 * order until the first coefficient alone exceeds the best distance.
 */
export function nearestAllowed(space: SearchSpace, cell: number, allowed: (tile: number) => boolean): number {
  const { tileAt, ways } = space
  const count = tileAt.length / ways
  const all = new Int16Array(space.memory.buffer)
  const first = all[space.cells / 2 + cell * cellLength(ways)]!
  const apart = (at: number) => all[space.heads / 2 + at * headLength]! - first
  const distance = distancesOf(space, cell)
  const middle = firstWhere(count, (at) => apart(at) >= 0)
  let least = Infinity
  let nearest = -1
  for (const step of [1, -1])
    for (let at = step > 0 ? middle : middle - 1; at >= 0 && at < count; at += step) {
      if (Math.abs(apart(at)) > least) break
      for (let position = at * ways; position < (at + 1) * ways; position++) {
        if (!allowed(tileAt[position]!)) continue
        const cost = distance(position)
        if (cost > least || (cost === least && position > nearest)) continue
        least = cost
        nearest = position
      }
    }
  return nearest
}

/** Binary search: the smallest number for which `reached` holds, or `end`. */
function firstWhere(end: number, reached: (at: number) => boolean): number {
  let [low, high] = [0, end]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (reached(middle)) high = middle
    else low = middle + 1
  }
  return low
}
