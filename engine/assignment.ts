import { auction } from './auction.ts'
import { candidateLists } from './candidate-lists.ts'
import type { Grid } from './grid.ts'
import { foundTiles, nearestAllowed } from './nearest.ts'
import { distancesOf, type SearchSpace } from './search-space.ts'
import { checkpoint, type Shared } from './threads.ts'

export interface AssignmentTask {
  grid: Grid
  /** Equal tiles keep more than this many cells apart. */
  distance: number
  /** Tiles of one number count as equal; numbers from 0 up to before `groupCount`. */
  groups: Uint32Array
  groupCount: number
  space: SearchSpace
  /** How often a group may be used at most. Absent: as often as the distance allows. */
  most?: number | undefined
  /** What an auction says each use of a group costs besides its distance from the cell: zeros without one. */
  prices?: Float64Array | undefined
  /** The whole mosaic's, of which this fills its rows; those above `firstRow` are there already. */
  assignment: Assignment
  /** The first row of `space`. The rows of `grid` end with it: what comes below does not exist yet. */
  firstRow: number
  shared: Shared
}

/** A tile for each cell, and how far it is from the cell. */
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
  /** Only prices are wanted, as a guide: one round will do. */
  rough?: boolean
}

export interface AuctionedTiles {
  prices: Float64Array<SharedArrayBuffer>
  /** How far the sum of all costs may lie above the least there is, as a part of it. */
  gap: number
}

/** An auction that ends with a larger gap is held again with a quarter of its step of prices, down to the finest. */
const goodGap = 0.004
const coarsest = 64
const finest = 4

/** On a thread: the assignment of least cost, no group used more often than `most`, whatever the distance between. */
export function auctionTiles(task: AuctionTask): AuctionedTiles {
  const { space, groups, groupCount, most, shared } = task
  const candidates = candidateLists(task.kernel, space, groups, groupCount)
  const { assignment } = task
  for (let epsilon = coarsest; ; epsilon /= 4) {
    const stillWanted = () => checkpoint(shared, 0)
    const sold = auction(space.cellCount, candidates, groups, groupCount, most, epsilon, stillWanted)
    const gap = sold.bound > 0 ? Math.max(0, sold.cost / sold.bound - 1) : 0
    if (!task.rough && gap > goodGap && epsilon > finest) continue
    for (let cell = 0; cell < space.cellCount; cell++) {
      const { tiles, costs, start, step } = candidates.of(cell)
      const at = start + sold.taken[cell]! * step
      assignment.chosen[cell] = tiles[at]!
      assignment.costs[cell] = costs[at + step - 1]!
    }
    checkpoint(shared, space.cellCount)
    const prices = new Float64Array(new SharedArrayBuffer(groupCount * 8))
    prices.set(sold.prices)
    return { prices, gap }
  }
}

/**
 * On a thread: row by row, each cell takes the nearest tile still allowed there, such that equal ones keep their distance.
 * False when a cell finds none.
 */
export function assignInOrder(task: AssignmentTask): boolean {
  const { grid, distance, groups, groupCount, space, firstRow, shared } = task
  const { columns, rows } = grid
  const { chosen, costs } = task.assignment
  const found = foundTiles(space)
  const firstCell = firstRow * columns
  const { keep } = space
  /*
   * How often each group stands in the window of cells, chosen before this one, that may not hold the same. The window
   * moves with the cell, a column in and a column out, because to look through it all is too slow for a large distance.
   */
  const held = new Uint32Array(groupCount)
  const uses = new Uint32Array(groupCount)
  const { most = Infinity, prices } = task
  const free = (group: number) => held[group] === 0 && uses[group]! < most
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
      const start = (cell - firstCell) * keep * 2
      const end = start + keep * 2
      let i = end
      let least = Infinity
      for (let entry = start; entry < end; entry += 2) {
        const group = groups[found.tiles[entry]!]!
        if (!free(group)) continue
        const all = found.costs[entry + 1]! + (prices?.[group] ?? 0)
        if (all >= least) continue
        least = all
        i = entry
        /* Nearest first: without prices the first is the best. */
        if (!prices) break
      }
      if (i < end) {
        chosen[cell] = found.tiles[i]!
        costs[cell] = found.costs[i + 1]!
      } else {
        const position = nearestAllowed(space, cell - firstCell, (tile) => free(groups[tile]!))
        if (position < 0) return false
        chosen[cell] = space.tileAt[position]!
        costs[cell] = distancesOf(space, cell - firstCell)(position)
      }
      held[groups[chosen[cell]!]!]!++
      uses[groups[chosen[cell]!]!]!++
    }
    checkpoint(shared, columns)
  }
  return true
}

/**
 * On a thread, for libraries so small that choosing in order may run out of tiles: the places of a window of `distance + 1` cells
 * a side, repeated over the grid, share the groups out among themselves, dark to light, so that each has some of all.
 * `smallestLibrary` sees to it that each place has enough for all its cells.
 */
export function assignByPattern(task: AssignmentTask & { allRows: number }): void {
  const { grid, distance, groups, space, assignment, firstRow, shared } = task
  const across = Math.min(grid.columns, distance + 1)
  const places = across * Math.min(task.allRows, distance + 1)
  const byLightness = new Set(Array.from(space.tileAt, (tile) => groups[tile]!))
  const placeOf = new Map([...byLightness].map((group, rank) => [group, rank % places]))
  const positionsFor: number[][] = Array.from({ length: places }, () => [])
  for (const [position, tile] of space.tileAt.entries())
    positionsFor[placeOf.get(groups[tile]!)!]!.push(position)
  const { most = Infinity } = task
  const firstCell = firstRow * grid.columns
  const uses = new Map<number, number>()
  for (let cell = firstCell; cell < grid.rows * grid.columns; cell++) {
    const x = (cell % grid.columns) % (distance + 1)
    const y = Math.floor(cell / grid.columns) % (distance + 1)
    const distanceTo = distancesOf(space, cell - firstCell)
    let least = Infinity
    for (const position of positionsFor[y * across + x]!) {
      const cost = distanceTo(position)
      if (cost >= least || (uses.get(groups[space.tileAt[position]!]!) ?? 0) >= most) continue
      least = cost
      assignment.chosen[cell] = space.tileAt[position]!
    }
    assignment.costs[cell] = least
    const group = groups[assignment.chosen[cell]!]!
    uses.set(group, (uses.get(group) ?? 0) + 1)
    if (cell % grid.columns === 0) checkpoint(shared, grid.columns)
  }
}
