import type { AssignmentTask } from './assignment.ts'
import { checkpoint } from './checkpoint.ts'
import { freeTileTaker } from './choose-tile.ts'
import { neighboursIn, type PlacedGrid } from './places.ts'

/** A range of cells to assign; those before `from` are assigned already. `space` begins with `from`. */
export type PlacesTask = Omit<AssignmentTask, 'firstRow'> & { grid: PlacedGrid; from: number; to: number }

/** Cells between two checkpoints. */
export const turnOf = 256

/**
 * Thread task: greedy choice, largest cells first: each takes the nearest tile still allowed there. False
 * when a cell finds none, which can happen with `sufficientLibrary` tiles but never with
 * `(2 * distance + 1)²`.
 */
export function assignPlaces(task: PlacesTask): boolean {
  const { grid, distance, groups, groupCount, from, to, most = Infinity, shared } = task
  const { chosen } = task.assignment
  const { near, find } = neighboursIn(grid, distance)
  /** By group: one plus the last cell it was forbidden to. */
  const forbidden = new Uint32Array(groupCount)
  const uses = new Uint32Array(groupCount)
  let turn = 0
  const free = (group: number) => forbidden[group] !== turn && uses[group]! < most
  const take = freeTileTaker({ ...task, firstCell: from }, free)
  for (let cell = from; cell < to; cell++) {
    turn = cell + 1
    for (let i = find(cell) - 1; i >= 0; i--) {
      const other = near[i]!
      if (other < cell) forbidden[groups[chosen[other]!]!] = turn
    }
    const group = take(cell)
    if (group < 0) return false
    uses[group]!++
    if ((cell - from) % turnOf === 0) checkpoint(shared, Math.min(turnOf, to - cell))
  }
  return true
}
