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
  /** Maximum uses of a group; absent: unlimited. */
  most?: number | undefined
  /** 1: every group is used at least once. */
  least?: 0 | 1 | undefined
  groups: Uint32Array
  groupCount: number
}

/** Lines of the grid (see `linesOf`) to assign at once; those above them are assigned already. */
export interface Block extends Rows {
  space: SearchSpace
  /** All distances, for a block that {@link isAuctioned} and small enough. */
  table?: DistanceTable | undefined
  /** Of the whole mosaic. */
  assignment: Assignment
  /** For libraries with which the greedy choice failed: see `assignByPattern`. */
  byPattern: boolean
}

/**
 * Assigns tiles to cells on worker threads: by auction where uses are limited, greedily where a distance has
 * to be kept, then by exchanges.
 *
 * @param report is called with the number of cells done, out of {@link cellsToAssign}
 * @returns false if the greedy choice found no tile for a cell; otherwise, after a global search, an upper
 * bound on how far the total cost is above the optimum, as a fraction
 */
export async function assignCells(
  kernel: WebAssembly.Module,
  { space, table, assignment, byPattern, fromRow, toRow }: Block,
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
  /* Exchanges in one block would break the pattern in the next. */
  if (byPattern && toRow - fromRow < rules.grid.rows) return {}
  const uses = most === undefined ? undefined : countUses(assignment, rules)
  for (const stripes of roundsFor(rules, { fromRow, toRow })) {
    const tasks = stripes.map((rows) => ({ ...whole, uses, ...rows }))
    await runOnThreads('improveRows', tasks, counted(cellsOf(grid, stripes)))
  }
  if (rules.least) await runOnThreads('useEveryTile', [{ ...whole, kernel }], run)
  return {}
}

/** Units of progress: each cell once per stage. */
export function cellsToAssign(rules: AssignmentRules, rows: Rows): number {
  const total = linesOf(rules.grid).columns * (rows.toRow - rows.fromRow)
  if (isAuctioned(rules)) return total
  if (rules.grid.places)
    return total * ((rules.most === undefined ? 1 : 2) + (isImproved(rules) ? placesPasses : 0))
  return total * (rules.most === undefined ? 1 : 2) + cellsOf(rules.grid, roundsFor(rules, rows).flat())
}

/** Whether the auction alone decides, without a distance rule to keep. Lists of nearest tiles are not needed then. */
export const isAuctioned = ({ most, distance }: AssignmentRules): boolean =>
  most === 1 || (most !== undefined && distance === 0)

/** Without a distance to keep, each cell already has its nearest tile. */
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
