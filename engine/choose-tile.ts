/** The greedy choice: a cell takes the best tile that earlier cells have left. */
import type { Assignment } from './assignment.ts'
import { foundTiles, nearestAllowed } from './nearest.ts'
import { distancesOf, type SearchSpace } from './search-space.ts'

export interface ChoiceRules {
  space: SearchSpace
  /** The first cell of the space. */
  firstCell: number
  assignment: Assignment
  groups: Uint32Array
  /** What each use of a group costs in addition to the distance, from an auction. */
  prices?: Float64Array | undefined
}

/**
 * Returns a function that gives a cell the best tile whose group is `free`, from its candidates or else from
 * all tiles. It returns the tile's group, or -1 when none is free.
 */
export function freeTileTaker(
  { space, firstCell, assignment, groups, prices }: ChoiceRules,
  free: (group: number) => boolean,
): (cell: number) => number {
  const { keep } = space
  const { chosen, costs } = assignment
  const found = foundTiles(space)
  return (cell) => {
    const own = cell - firstCell
    const end = (own + 1) * keep * 2
    let best = -1
    let least = Infinity
    for (let entry = own * keep * 2; entry < end; entry += 2) {
      const group = groups[found.tiles[entry]!]!
      if (!free(group)) continue
      const all = found.costs[entry + 1]! + (prices?.[group] ?? 0)
      if (all >= least) continue
      least = all
      best = entry
      /* Candidates are sorted by distance: without prices the first is the best. */
      if (!prices) break
    }
    if (best >= 0) {
      chosen[cell] = found.tiles[best]!
      costs[cell] = found.costs[best + 1]!
    } else {
      const position = nearestAllowed(space, own, (tile) => free(groups[tile]!))
      if (position < 0) return -1
      chosen[cell] = space.tileAt[position]!
      costs[cell] = distancesOf(space, own)(position)
    }
    return groups[chosen[cell]!]!
  }
}

/**
 * Returns a function that gives a cell the nearest of the tiles at some positions whose group is used fewer
 * than `most` times. The caller guarantees that there is one.
 */
export function ownTileTaker(
  { space, firstCell, assignment, groups }: ChoiceRules,
  most = Infinity,
): (cell: number, positions: readonly number[]) => void {
  const { chosen, costs } = assignment
  const uses = new Map<number, number>()
  return (cell, positions) => {
    const distanceTo = distancesOf(space, cell - firstCell)
    let least = Infinity
    for (const position of positions) {
      const cost = distanceTo(position)
      if (cost >= least || (uses.get(groups[space.tileAt[position]!]!) ?? 0) >= most) continue
      least = cost
      chosen[cell] = space.tileAt[position]!
    }
    costs[cell] = least
    const group = groups[chosen[cell]!]!
    uses.set(group, (uses.get(group) ?? 0) + 1)
  }
}
