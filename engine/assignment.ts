import { auction } from './auction.ts'
import type { BestOffers, Prices } from './best-offers.ts'
import { candidateLists } from './candidate-lists.ts'
import { checkpoint, type Shared } from './checkpoint.ts'
import { freeTileTaker, ownTileTaker } from './choose-tile.ts'
import { type DistanceTable, nearestWay } from './distance-table.ts'
import type { Grid } from './grid.ts'
import { offersOfLists } from './offers-of-lists.ts'
import { offersOfTable } from './offers-of-table.ts'
import type { SearchSpace } from './search-space.ts'

export interface AssignmentTask {
  grid: Grid
  /** Equal tiles keep more than this many cells apart. */
  distance: number
  /** Tiles of the same number count as equal; numbers are below `groupCount`. */
  groups: Uint32Array
  groupCount: number
  space: SearchSpace
  /** Maximum uses of a group. Absent: as often as the distance allows. */
  most?: number | undefined
  /** What each use of a group costs in addition to the distance, from an auction. Absent: nothing. */
  prices?: Float64Array | undefined
  /** Of the whole mosaic, of which this task fills its rows; those above `firstRow` are filled already. */
  assignment: Assignment
  /** The first row of `space`. The rows of `grid` end with it: rows below are not assigned yet. */
  firstRow: number
  shared: Shared
}

/** A tile for each cell, and its distance from the cell. */
export interface Assignment {
  chosen: Uint32Array<SharedArrayBuffer>
  costs: Float32Array<SharedArrayBuffer>
}

export function emptyAssignment(cells: number): Assignment {
  return {
    chosen: new Uint32Array(new SharedArrayBuffer(cells * 4)),
    costs: new Float32Array(new SharedArrayBuffer(cells * 4)),
  }
}

export interface AuctionTask extends Omit<AssignmentTask, 'firstRow'> {
  kernel: WebAssembly.Module
  most: number
  /** All distances, if they fit in memory; otherwise the lists of `space` are used. */
  table?: DistanceTable | undefined
  /** Only prices are wanted, to guide the greedy choice: one round suffices. */
  rough?: boolean
}

export interface AuctionedTiles {
  prices: Float64Array<SharedArrayBuffer>
  /** Upper bound on how far the total cost is above the optimum, as a fraction. */
  gap: number
}

/** Epsilons, in steps of the vectors. */
const rounds = { steps: [64, 16, 4, 1], goodGap: 0.004 }
const oneRound = { steps: [64], goodGap: 0 }

/**
 * Thread task: the least-cost assignment that uses no group more than `most` times, ignoring the distance
 * rule.
 */
export function auctionTiles(task: AuctionTask): AuctionedTiles {
  const { space, groupCount, most, table, assignment, shared } = task
  const stillWanted = () => checkpoint(shared, 0)
  const how = task.rough ? oneRound : rounds
  const sold = auction(space.cellCount, offersFor(task), groupCount, most, how, stillWanted)
  sold.taken.forEach((taken, cell) => {
    const stands = table ? nearestWay(space, cell, taken) : { tile: taken, cost: sold.costs[cell]! }
    assignment.chosen[cell] = stands.tile
    assignment.costs[cell] = stands.cost
  })
  checkpoint(shared, space.cellCount)
  const prices = new Float64Array(new SharedArrayBuffer(groupCount * 8))
  prices.set(sold.prices)
  return { prices, gap: sold.gap }
}

function offersFor({
  kernel,
  space,
  table,
  groups,
  groupCount,
}: AuctionTask): (prices: Prices) => BestOffers {
  if (table) return (prices) => offersOfTable(kernel, space, table, groups, prices)
  const candidates = candidateLists(kernel, space, groups, groupCount)
  return (prices) => offersOfLists(space.cellCount, candidates, groups, prices)
}

/**
 * Thread task: greedy choice in raster order: each cell takes the nearest tile that the distance rule still
 * allows. False when a cell finds none.
 */
export function assignInOrder(task: AssignmentTask): boolean {
  const { grid, distance, groups, groupCount, firstRow, shared } = task
  const { columns, rows } = grid
  const { chosen } = task.assignment
  /*
   * How often each group occurs among earlier cells within `distance`. The window slides with the cell, one
   * column in and one out, because scanning all of it is too slow for large distances.
   */
  const held = new Uint32Array(groupCount)
  const uses = new Uint32Array(groupCount)
  const { most = Infinity } = task
  const free = (group: number) => held[group] === 0 && uses[group]! < most
  const take = freeTileTaker({ ...task, firstCell: firstRow * columns }, free)
  const count = (x: number, fromRow: number, toRow: number, change: 1 | -1) => {
    for (let i = fromRow * columns + x; i < toRow * columns; i += columns)
      held[groups[chosen[i]!]!]! += change
  }
  for (let y = firstRow; y < rows; y++) {
    const top = Math.max(0, y - distance)
    held.fill(0)
    for (let x = 0; x < Math.min(distance, columns); x++) count(x, top, y, 1)
    for (let x = 0; x < columns; x++) {
      if (x + distance < columns) count(x + distance, top, y, 1)
      if (x > distance) count(x - distance - 1, top, y + 1, -1)
      const cell = y * columns + x
      const group = take(cell)
      if (group < 0) return false
      held[group]!++
      uses[group]!++
    }
    checkpoint(shared, columns)
  }
  return true
}

/**
 * Thread task, for libraries so small that the greedy choice may run out of tiles: the positions of a window
 * of `distance + 1` cells a side, repeated over the grid, are dealt the groups round-robin, dark to light, so
 * that each gets some of every lightness. `smallestLibrary` guarantees that each position has enough for all
 * its cells.
 */
export function assignByPattern(task: AssignmentTask & { allRows: number }): void {
  const { grid, distance, groups, space, firstRow, shared } = task
  const across = Math.min(grid.columns, distance + 1)
  const places = across * Math.min(task.allRows, distance + 1)
  const byLightness = new Set(Array.from(space.tileAt, (tile) => groups[tile]!))
  const placeOf = new Map([...byLightness].map((group, rank) => [group, rank % places]))
  const positionsFor: number[][] = Array.from({ length: places }, () => [])
  for (const [position, tile] of space.tileAt.entries())
    positionsFor[placeOf.get(groups[tile]!)!]!.push(position)
  const firstCell = firstRow * grid.columns
  const take = ownTileTaker({ ...task, firstCell }, task.most)
  for (let cell = firstCell; cell < grid.rows * grid.columns; cell++) {
    const x = (cell % grid.columns) % (distance + 1)
    const y = Math.floor(cell / grid.columns) % (distance + 1)
    take(cell, positionsFor[y * across + x]!)
    if (cell % grid.columns === 0) checkpoint(shared, grid.columns)
  }
}
