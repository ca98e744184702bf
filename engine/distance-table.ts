/**
 * The distances of all tiles to all cells, if they fit into memory. An auction asks again and again which tile is cheapest at
 * current prices. A row of this table answers faster than a list of candidates: the kernel compares 16 tiles at a time, nothing
 * has to grow, and the order of the tiles rules out most of the row.
 */
import { checkpoint, type Shared } from './checkpoint.ts'
import { startKernel } from './kernel.ts'
import { cellBytes, distancesOf, type SearchSpace } from './search-space.ts'

export interface DistanceTable {
  /** Begins with a copy of the search space's memory, so that its offsets below `lists` are valid here, too. */
  memory: WebAssembly.Memory
  /** Length of a row: one number per position, whatever the tile's orientations, padded with Infinity to whole blocks. */
  columns: number
  /** Byte offset of the prices by position, which are added to distances. */
  prices: number
  /** Byte offset of the output of the kernel's `cheapest`. */
  found: number
  /** Byte offset of the distances, row by row, in steps of the quantised vectors. */
  rows: number
}

/** Positions that the kernel compares at a time: 16 floats are one cache line. */
const block = 16
const pageBytes = 65_536
/** Bytes. Candidate lists that have all grown to full length take twice as much. */
const largestTable = 128 * 2 ** 20
/** Cells between two checkpoints. */
const cellsPerTurn = 32

const positionsIn = ({ tileAt, ways }: SearchSpace) => tileAt.length / ways
const columnsFor = (space: SearchSpace) => Math.ceil(positionsIn(space) / block) * block

export const fitsTable = (space: SearchSpace): boolean =>
  space.cellCount * columnsFor(space) * 4 <= largestTable

/** An empty table. @param space with its cells already written */
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
  /** First cell to measure, and one past the last. */
  from: number
  to: number
  shared: Shared
}

/** Thread task: fills some rows. Of each group of equal tiles, a cell is offered only the nearest; the others are Infinity. */
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

/** The positions of each group's tiles in the kernel's order. */
export function positionsByGroup(space: SearchSpace, groups: Uint32Array, groupCount: number): number[][] {
  const positions: number[][] = Array.from({ length: groupCount }, () => [])
  for (let at = 0; at < positionsIn(space); at++) positions[groups[space.tileAt[at * space.ways]!]!]!.push(at)
  return positions
}

/** The tile at a position, in its orientation nearest to a cell, and its distance. */
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
