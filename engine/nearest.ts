import { checkpoint, type Shared } from './checkpoint.ts'
import { startKernel } from './kernel.ts'
import { headLength } from './matching-vectors.ts'
import { cellBytes, cellLength, distancesOf, type SearchSpace } from './search-space.ts'

/**
 * Cells between two looks at whether to stop. Few, because V8 lets a call of WebAssembly end as it began: in code that was compiled
 * in haste, three times as slow as what is there a few ms later.
 */
const cellsPerTurn = 32

/** What was found: entry `2 * (cell * keep + i)` of `tiles` is the i-th nearest, the one after it in `costs` how far. */
export interface Found {
  tiles: Uint32Array
  /** Distances, not squared, in steps of the vectors. */
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

/** On a thread: finds the exact nearest tiles of some cells. */
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
 * Position of the nearest of all tiles that are allowed for a cell: outwards from the cell's place in the order, until
 * the first value alone is too far. -1 when none is allowed.
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

/** The first number from 0 for which `reached` holds, `end` when there is none. It holds for all after the first. */
function firstWhere(end: number, reached: (at: number) => boolean): number {
  let [low, high] = [0, end]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (reached(middle)) high = middle
    else low = middle + 1
  }
  return low
}
