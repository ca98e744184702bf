import { type PlacesTask, turnOf } from './assign-places.ts'
import { checkpoint } from './checkpoint.ts'
import { ejection, none } from './ejection.ts'
import { neighboursIn, ownersOf } from './places.ts'

/** Passes over all cells, as in `improvement.ts`. */
export const placesPasses = 2
/**
 * More than in a plain grid: a large cell can have many small neighbours that hold the tile it would like.
 */
const mostHolders = 8

/**
 * Thread task: local search by ejection like `improveRows`, with costs weighted by cell area.
 *
 * @param task.uses how often each group is used, if `most` limits it
 */
export function improvePlaces(task: PlacesTask & { uses?: Uint32Array | undefined }): void {
  const { grid, distance, groups, from, to, shared } = task
  const { places } = grid
  const { near, find } = neighboursIn(grid, distance, ownersOf(grid))
  const held = Uint32Array.from(task.assignment.chosen.subarray(0, to), (tile) => groups[tile]!)
  const improve = ejection(
    { ...task, firstCell: from },
    {
      ...{ from, to, held, base: 0, mostHolders },
      weight: (cell) => places[cell * 3 + 2]! ** 2,
      look(cell, see) {
        for (let i = find(cell) - 1; i >= 0; i--) if (near[i]! < to) see(near[i]!, held[near[i]!]!)
      },
      mark(cell, seenBy, turn) {
        const count = find(cell)
        for (let i = 0; i < count; i++) {
          const group = near[i]! < to ? held[near[i]!]! : none
          if (group !== none) seenBy[group] = turn
        }
        return count
      },
    },
  )
  for (let pass = 0; pass < placesPasses; pass++)
    for (let cell = to - 1; cell >= from; cell--) {
      improve(cell)
      if ((cell - from) % turnOf === 0) checkpoint(shared, Math.min(turnOf, to - cell))
    }
}
