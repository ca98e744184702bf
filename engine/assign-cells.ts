import type { Assignment } from './assignment.ts'
import type { DistanceTable } from './distance-table.ts'
import { type Grid, linesOf } from './grid.ts'
import { placesPasses } from './improve-places.ts'
import { improvementRounds, type Rows } from './improvement.ts'
import { isPlaced } from './places.ts'
import type { SearchSpace } from './search-space.ts'
import { type RunOptions, runOnThreads } from './threads.ts'

export interface AssignmentRules {
  grid: Grid
  /** Equal tiles keep more than this many cells apart. */
  distance: number
  /** Uses of a group; absent: any number. */
  most?: number | undefined
  /** 1: every group is used at least once. */
  least?: 0 | 1 | undefined
  groups: Uint32Array
  groupCount: number
}

/** What is assigned at a time: lines of the grid (see `linesOf`), those above them assigned before. */
export interface Bay extends Rows {
  space: SearchSpace
  /** Of a bay that {@link isAuctioned}, where it fits. */
  table?: DistanceTable | undefined
  /** The whole mosaic's. */
  assignment: Assignment
  /** For libraries with which choosing in order failed: see `assignByPattern`. */
  byPattern: boolean
}

/**
 * Decides who stands where, off the main thread: by an auction where tiles may be used only so often, in order where
 * they keep a distance, then by exchange.
 *
 * @param report is called with cells done, of {@link cellsToAssign}
 * @returns false when choosing in order found nothing for a cell; where a search was global, how far the sum of all costs
 * may lie above the least there is, as a part of it
 */
export async function assignCells(
  kernel: WebAssembly.Module,
  { space, table, assignment, byPattern, fromRow, toRow }: Bay,
  rules: AssignmentRules,
  run: RunOptions,
  report: (done: number) => void,
): Promise<false | { gap?: number }> {
  const { most } = rules
  const placed = isPlaced(rules.grid) ? rules.grid : undefined
  const grid = placed ?? { ...rules.grid, rows: toRow }
  const whole = { space, ...rules, grid, assignment, firstRow: fromRow }
  let done = 0
  const counted = (cells: number) => {
    const before = done
    done += cells
    return { ...run, onProgress: (now: number) => report(before + now) }
  }
  let prices: Float64Array | undefined
  if (most !== undefined) {
    const rough = !isAuctioned(rules)
    const task = { ...whole, kernel, table, most, rough }
    const [sold] = await runOnThreads('auctionTiles', [task], counted(space.cellCount))
    if (!rough) {
      if (!rules.least) return { gap: sold!.gap }
      await runOnThreads('useEveryTile', [{ ...whole, kernel }], run)
      return {}
    }
    prices = sold!.prices
  }
  const counting = counted(space.cellCount)
  if (placed) {
    const places = { ...whole, grid: placed, from: fromRow, to: toRow }
    if (byPattern) await runOnThreads('assignPlacesByPattern', [places], counting)
    else if (!(await runOnThreads('assignPlaces', [{ ...places, prices }], counting))[0]) return false
    if (byPattern && space.cellCount < linesOf(placed).rows) return {}
    const uses = most === undefined ? undefined : countUses(assignment, rules)
    if (isImproved(rules))
      await runOnThreads('improvePlaces', [{ ...places, uses }], counted(space.cellCount * placesPasses))
    if (rules.least) await runOnThreads('useEveryTile', [{ ...whole, kernel }], run)
    return {}
  }
  if (byPattern) await runOnThreads('assignByPattern', [{ ...whole, allRows: rules.grid.rows }], counting)
  else {
    const [isWhole] = await runOnThreads('assignInOrder', [{ ...whole, prices }], counting)
    if (!isWhole) return false
  }
  /* What is exchanged in one bay would break the pattern in the next. */
  if (byPattern && toRow - fromRow < rules.grid.rows) return {}
  const uses = most === undefined ? undefined : countUses(assignment, rules)
  for (const stripes of roundsFor(rules, { fromRow, toRow })) {
    const tasks = stripes.map((rows) => ({ ...whole, uses, ...rows }))
    await runOnThreads('improveRows', tasks, counted(cellsOf(grid, stripes)))
  }
  if (rules.least) await runOnThreads('useEveryTile', [{ ...whole, kernel }], run)
  return {}
}

/** What is counted in all: each cell once for every time that it is looked at. */
export function cellsToAssign(rules: AssignmentRules, rows: Rows): number {
  const total = linesOf(rules.grid).columns * (rows.toRow - rows.fromRow)
  if (isAuctioned(rules)) return total
  if (rules.grid.places)
    return total * ((rules.most === undefined ? 1 : 2) + (isImproved(rules) ? placesPasses : 0))
  return total * (rules.most === undefined ? 1 : 2) + cellsOf(rules.grid, roundsFor(rules, rows).flat())
}

/** Whether an auction alone decides: tiles are scarce, and no distance is left to be kept. Nobody else reads lists of nearest tiles then. */
export const isAuctioned = ({ most, distance }: AssignmentRules): boolean =>
  most === 1 || (most !== undefined && distance === 0)

/** Where no distance has to be kept, each cell has its nearest tile already. */
const isImproved = ({ distance }: AssignmentRules) => distance > 0

const roundsFor = ({ distance, most }: AssignmentRules, { fromRow, toRow }: Rows) =>
  improvementRounds(fromRow, toRow, distance, most !== undefined)

const cellsOf = ({ columns }: Grid, stripes: Rows[]) =>
  stripes.reduce((sum, { fromRow, toRow }) => sum + (toRow - fromRow) * columns, 0)

function countUses({ chosen }: Assignment, { groups, groupCount }: AssignmentRules): Uint32Array {
  const uses = new Uint32Array(new SharedArrayBuffer(groupCount * 4))
  for (const tile of chosen) uses[groups[tile]!]!++
  return uses
}
