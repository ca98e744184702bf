import { startKernel } from './kernel.ts'
import type { TileIndex } from './matching-vectors.ts'
import { checkpoint, type Shared } from './threads.ts'
import { featureLength } from './tile-set.ts'

/** Values in the first part of a tile's vector: see `engine/wasm/assembly/nearest.ts`. */
const headLength = 8
const tailLength = featureLength - headLength
const pageBytes = 65_536
/** Cells between two looks at whether to stop: some ms. */
const cellsPerTurn = 256
/** Bytes for lists of nearest tiles where all cells are searched for at once: a million keep fewer than 57,600 do. */
const listBudget = 512 * 2 ** 20

/** Memory that threads and the kernel share: tiles and cells as vectors, and what is found for each cell. */
export interface SearchSpace {
  memory: WebAssembly.Memory
  tileCount: number
  cellCount: number
  /** How many tiles are kept for each cell, nearest first. */
  keep: number
  /** The tile at each position of the kernel's order. */
  tileAt: Uint32Array
  /** Offsets in bytes. */
  heads: number
  tails: number
  groups: number
  cells: number
  lists: number
  /** Room for a number per tile, for one thread at a time. */
  scratch: number
}

/** @param most nearest tiles to keep per cell, fewer when there are not as many or memory says so */
export function makeSearchSpace(
  index: TileIndex,
  tileGroups: Uint32Array,
  cellCount: number,
  most: number,
): SearchSpace {
  const tileCount = index.tileAt.length
  const grouping = numberGroups(index.tileAt, tileGroups)
  const keep = Math.max(1, Math.min(most, grouping.different, Math.floor(listBudget / (cellCount * 8))))
  const heads = 0
  const tails = heads + tileCount * headLength * 2
  const groups = tails + tileCount * tailLength * 2
  const cells = Math.ceil((groups + tileCount * 4) / 8) * 8
  const lists = cells + cellCount * featureLength * 2
  const scratch = lists + cellCount * keep * 8
  const pages = Math.ceil((scratch + tileCount * 4) / pageBytes)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true })
  const all = new Int16Array(memory.buffer)
  for (let tile = 0; tile < tileCount; tile++) {
    const vector = index.vectors.subarray(tile * featureLength, (tile + 1) * featureLength)
    all.set(vector.subarray(0, headLength), heads / 2 + tile * headLength)
    all.set(vector.subarray(headLength), tails / 2 + tile * tailLength)
  }
  new Uint32Array(memory.buffer, groups, tileCount).set(grouping.numbers)
  const offsets = { heads, tails, groups, cells, lists, scratch }
  return { memory, tileCount, cellCount, keep, tileAt: index.tileAt, ...offsets }
}

/** Groups by position for the kernel: 0 for a tile that equals no other. */
function numberGroups(tileAt: Uint32Array, groups: Uint32Array): { numbers: Uint32Array; different: number } {
  const sizes = new Map<number, number>()
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  const numbers = tileAt.map((tile) => (sizes.get(groups[tile]!) === 1 ? 0 : groups[tile]! + 1))
  return { numbers, different: sizes.size }
}

/** Where vectors of cells go, 48 int16 each. */
export function cellVectors(space: SearchSpace): Int16Array {
  return new Int16Array(space.memory.buffer, space.cells, space.cellCount * featureLength)
}

/** Vectors of the tiles at some positions, 48 int16 each, put together again. */
export function tileVectors(space: SearchSpace, positions: readonly number[]): Int16Array {
  const all = new Int16Array(space.memory.buffer)
  const out = new Int16Array(positions.length * featureLength)
  positions.forEach((position, i) => {
    const head = space.heads / 2 + position * headLength
    const tail = space.tails / 2 + position * tailLength
    out.set(all.subarray(head, head + headLength), i * featureLength)
    out.set(all.subarray(tail, tail + tailLength), i * featureLength + headLength)
  })
  return out
}

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
  const { heads, tails, groups, cells, lists, keep, tileCount, tileAt } = space
  const { nearest } = startKernel(kernel, space.memory)
  for (let start = from; start < to; start += cellsPerTurn) {
    const end = Math.min(to, start + cellsPerTurn)
    nearest(heads, tails, groups, tileCount, cells, start, end, keep, lists)
    const found = foundTiles(space)
    for (let i = start * keep * 2; i < end * keep * 2; i += 2) {
      const squared = found.tiles[i + 1]!
      found.tiles[i] = tileAt[found.tiles[i]!]!
      found.costs[i + 1] = Math.sqrt(squared)
    }
    checkpoint(shared, end - start)
  }
}

/** Distances of a cell from the tiles at any position, as the kernel has them. */
export function distancesOf(space: SearchSpace, cell: number): (position: number) => number {
  const all = new Int16Array(space.memory.buffer)
  const vector = space.cells / 2 + cell * featureLength
  return (position) => {
    const head = space.heads / 2 + position * headLength
    const tail = space.tails / 2 + position * tailLength - headLength
    let sum = 0
    for (let i = 0; i < headLength; i++) sum += (all[vector + i]! - all[head + i]!) ** 2
    for (let i = headLength; i < featureLength; i++) sum += (all[vector + i]! - all[tail + i]!) ** 2
    return Math.sqrt(sum)
  }
}

/**
 * Position of the nearest of all tiles that are allowed for a cell: outwards from the cell's place in the order, until
 * the first value alone is too far. -1 when none is allowed.
 */
export function nearestAllowed(space: SearchSpace, cell: number, allowed: (tile: number) => boolean): number {
  const { tileAt, tileCount } = space
  const all = new Int16Array(space.memory.buffer)
  const first = all[space.cells / 2 + cell * featureLength]!
  const apart = (position: number) => all[space.heads / 2 + position * headLength]! - first
  const distance = distancesOf(space, cell)
  const middle = firstWhere(tileCount, (position) => apart(position) >= 0)
  let least = Infinity
  let nearest = -1
  for (const step of [1, -1])
    for (let at = step > 0 ? middle : middle - 1; at >= 0 && at < tileCount; at += step) {
      if (Math.abs(apart(at)) > least) break
      if (!allowed(tileAt[at]!)) continue
      const cost = distance(at)
      if (cost > least || (cost === least && at > nearest)) continue
      least = cost
      nearest = at
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
