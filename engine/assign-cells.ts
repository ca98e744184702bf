import type { Assignment } from './assignment.ts'
import type { Grid } from './grid.ts'
import { improvementRounds, type Rows } from './improvement.ts'
import type { SearchSpace } from './nearest.ts'
import { type RunOptions, runOnThreads } from './threads.ts'

export interface AssignmentRules {
  grid: Grid
  /** Equal tiles keep more than this many cells apart. */
  distance: number
  /** Uses of a group; absent: any number. */
  most?: number | undefined
  groups: Uint32Array
  groupCount: number
}

export interface AssignedCells extends Assignment {
  /** Where a search was global: how far the sum of all costs may lie above the least there is, as a part of it. */
  gap?: number
}

/**
 * Decides who stands where, off the main thread: by an auction where tiles may be used only so often, in order where
 * they keep a distance, then by exchange.
 *
 * @param report is called with cells done, of {@link cellsToAssign}
 */
export async function assignCells(
  kernel: WebAssembly.Module,
  space: SearchSpace,
  rules: AssignmentRules,
  run: RunOptions,
  report: (done: number) => void,
): Promise<AssignedCells> {
  const { grid, most } = rules
  const whole = { space, ...rules }
  let done = 0
  const counted = (cells: number) => {
    const before = done
    done += cells
    return { ...run, onProgress: (now: number) => report(before + now) }
  }
  const rough = !distanceIsKept(rules)
  const auctioned =
    most === undefined
      ? undefined
      : (
          await runOnThreads('auctionTiles', [{ ...whole, kernel, most, rough }], counted(space.cellCount))
        )[0]!
  if (auctioned && !rough) {
    const { chosen, costs, gap } = auctioned
    return { chosen, costs, gap }
  }
  const prices = auctioned?.prices
  const [assigned] = await runOnThreads('assignTiles', [{ ...whole, prices }], counted(space.cellCount))
  const assignment = assigned!
  const uses = most === undefined ? undefined : countUses(assignment, rules)
  for (const stripes of roundsFor(rules)) {
    const tasks = stripes.map((rows) => ({ ...whole, assignment, uses, ...rows }))
    await runOnThreads('improveRows', tasks, counted(cellsOf(grid, stripes)))
  }
  return assignment
}

/** What is counted in all: each cell once for every time that it is looked at. */
export function cellsToAssign(rules: AssignmentRules): number {
  const total = rules.grid.columns * rules.grid.rows
  if (rules.most !== undefined && distanceIsKept(rules)) return total
  return total * (rules.most === undefined ? 1 : 2) + cellsOf(rules.grid, roundsFor(rules).flat())
}

const distanceIsKept = ({ most, distance }: AssignmentRules) => most === 1 || distance === 0

const roundsFor = ({ grid, distance, most }: AssignmentRules) =>
  improvementRounds(grid.rows, distance, most !== undefined)

const cellsOf = ({ columns }: Grid, stripes: Rows[]) =>
  stripes.reduce((sum, { fromRow, toRow }) => sum + (toRow - fromRow) * columns, 0)

function countUses({ chosen }: Assignment, { groups, groupCount }: AssignmentRules): Uint32Array {
  const uses = new Uint32Array(new SharedArrayBuffer(groupCount * 4))
  for (const tile of chosen) uses[groups[tile]!]!++
  return uses
}
