/**
 * How far all tiles are from all cells, for as many as memory is there for. Whoever asks again and again what is cheapest at the prices
 * of the moment reads a row of it faster than any list: 16 tiles at a time, no list grows, and most of a row is ruled out
 * by the order of tiles.
 */
import { checkpoint, type Shared } from './checkpoint.ts'
import { startKernel } from './kernel.ts'
import { cellBytes, distancesOf, type SearchSpace } from './search-space.ts'

export interface DistanceTable {
  /** Begins as that of the space does, so that offsets up to `lists` hold here as well. */
  memory: WebAssembly.Memory
  /** Numbers in a row: one for each position, ways to turn a tile not counted, and Infinity up to a whole number of blocks. */
  columns: number
  /** Offsets in bytes. By position, what a tile costs besides its distance. */
  prices: number
  /** What the kernel's `cheapest` writes. */
  found: number
  /** Distances in steps of the vectors, row by row. */
  rows: number
}

/** Positions that the kernel looks at at a time: of floats, a line of the cache. */
const block = 16
const pageBytes = 65_536
/** Bytes. Lists of nearest tiles take twice as much where all have grown to their end. */
const largestTable = 128 * 2 ** 20
/** Cells between two looks at whether to stop. */
const cellsPerTurn = 32

const positionsIn = ({ tileAt, ways }: SearchSpace) => tileAt.length / ways
const columnsFor = (space: SearchSpace) => Math.ceil(positionsIn(space) / block) * block

export const fitsTable = (space: SearchSpace): boolean =>
  space.cellCount * columnsFor(space) * 4 <= largestTable

/** An empty table. @param space whose cells are written already */
export function makeDistanceTable(space: SearchSpace): DistanceTable {
  const columns = columnsFor(space)
  const prices = Math.ceil(space.lists / (block * 4)) * block * 4
  const found = prices + columns * 4
  const rows = found + block * 4
  const pages = Math.ceil((rows + space.cellCount * columns * 4) / pageBytes)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  new Uint8Array(memory.buffer).set(new Uint8Array(space.memory.buffer, 0, space.lists))
  return { memory, columns, prices, found, rows }
}

export interface MeasureTask {
  kernel: WebAssembly.Module
  space: SearchSpace
  table: DistanceTable
  groups: Uint32Array
  groupCount: number
  /** The cells whose rows are to be filled: first, and one past the last. */
  from: number
  to: number
  shared: Shared
}

/** On a thread: fills some rows. Of a group of equal tiles only the nearest is there for a cell, the others are Infinity. */
export function measureDistances({ kernel, space, table, ...task }: MeasureTask): void {
  const { groups, groupCount, from, to, shared } = task
  const { measure } = startKernel(kernel, table.memory)
  const count = positionsIn(space)
  const alike = positionsByGroup(space, groups, groupCount).filter(({ length }) => length > 1)
  for (let start = from; start < to; start += cellsPerTurn) {
    const end = Math.min(to, start + cellsPerTurn)
    for (let cell = start; cell < end; cell++) {
      const row = rowOf(table, cell)
      const cellAt = space.cells + cell * cellBytes(space)
      measure(space.bodies, space.norms, count, cellAt, space.ways, row.byteOffset)
      row.fill(Infinity, count)
      for (const positions of alike) keepNearest(row, positions)
    }
    checkpoint(shared, end - start)
  }
}

function keepNearest(row: Float32Array, positions: readonly number[]): void {
  let nearest = positions[0]!
  for (const at of positions.slice(1)) {
    const isNearer = row[at]! < row[nearest]!
    row[isNearer ? nearest : at] = Infinity
    if (isNearer) nearest = at
  }
}

export const rowOf = ({ memory, rows, columns }: DistanceTable, cell: number): Float32Array =>
  new Float32Array(memory.buffer, rows + cell * columns * 4, columns)

/** Where the tiles of each group lie in the kernel's order, ways to turn them not counted. */
export function positionsByGroup(space: SearchSpace, groups: Uint32Array, groupCount: number): number[][] {
  const positions: number[][] = Array.from({ length: groupCount }, () => [])
  for (let at = 0; at < positionsIn(space); at++) positions[groups[space.tileAt[at * space.ways]!]!]!.push(at)
  return positions
}

/** The tile at a position, turned as it is nearest to a cell, and how far it is. */
export function nearestWay(
  space: SearchSpace,
  cell: number,
  position: number,
): { tile: number; cost: number } {
  const { ways, tileAt } = space
  const distance = distancesOf(space, cell)
  let nearest = position * ways
  for (let at = nearest + 1; at < (position + 1) * ways; at++)
    if (distance(at) < distance(nearest)) nearest = at
  return { tile: tileAt[nearest]!, cost: distance(nearest) }
}
