import type { AssignmentTask } from './assignment.ts'
import { foundTiles, nearestAllowed } from './nearest.ts'
import { neighboursIn, type PlacedGrid } from './places.ts'
import { distancesOf } from './search-space.ts'
import { checkpoint } from './threads.ts'

/** What is assigned at a time: cells `from` to before `to`, those before them assigned already. `space` begins with `from`. */
export type PlacesTask = Omit<AssignmentTask, 'firstRow'> & { grid: PlacedGrid; from: number; to: number }

/** Cells between two looks at whether to stop. */
export const turnOf = 256

/**
 * On a thread: one after the other, the largest first, each cell takes the nearest tile that is still allowed there. False when
 * one finds none, which a library of `sufficientLibrary` tiles may come to and one of `(2 * distance + 1)²` never does.
 */
export function assignPlaces(task: PlacesTask): boolean {
  const { grid, distance, groups, groupCount, space, from, to, prices, most = Infinity, shared } = task
  const { chosen, costs } = task.assignment
  const { near, find } = neighboursIn(grid, distance)
  const found = foundTiles(space)
  /** The last cell that a group was forbidden to, plus one. */
  const forbidden = new Uint32Array(groupCount)
  const uses = new Uint32Array(groupCount)
  for (let cell = from; cell < to; cell++) {
    const turn = cell + 1
    for (let i = find(cell) - 1; i >= 0; i--) {
      const other = near[i]!
      if (other < cell) forbidden[groups[chosen[other]!]!] = turn
    }
    const free = (group: number) => forbidden[group] !== turn && uses[group]! < most
    const start = (cell - from) * space.keep * 2
    const end = start + space.keep * 2
    let best = -1
    let least = Infinity
    for (let entry = start; entry < end; entry += 2) {
      const group = groups[found.tiles[entry]!]!
      if (!free(group)) continue
      const all = found.costs[entry + 1]! + (prices?.[group] ?? 0)
      if (all >= least) continue
      least = all
      best = entry
      /* Nearest first: without prices the first is the best. */
      if (!prices) break
    }
    if (best >= 0) {
      chosen[cell] = found.tiles[best]!
      costs[cell] = found.costs[best + 1]!
    } else {
      const position = nearestAllowed(space, cell - from, (tile) => free(groups[tile]!))
      if (position < 0) return false
      chosen[cell] = space.tileAt[position]!
      costs[cell] = distancesOf(space, cell - from)(position)
    }
    uses[groups[chosen[cell]!]!]!++
    if ((cell - from) % turnOf === 0) checkpoint(shared, Math.min(turnOf, to - cell))
  }
  return true
}
