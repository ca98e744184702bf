/** Choosing in order: a cell takes the best tile that those before it have left to it. */
import type { Assignment } from './assignment.ts'
import { foundTiles, nearestAllowed } from './nearest.ts'
import { distancesOf, type SearchSpace } from './search-space.ts'

export interface ChoiceRules {
  space: SearchSpace
  /** The cell of the mosaic that the space begins with. */
  firstCell: number
  assignment: Assignment
  groups: Uint32Array
  /** What an auction says each use of a group costs besides its distance from the cell. */
  prices?: Float64Array | undefined
}

/**
 * Makes a function that gives a cell the best tile whose group is `free`: of those found for it, or else of all.
 * @returns whose result is the tile's group, -1 when none is free
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
      /* Nearest first: without prices the first is the best. */
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
 * Makes a function that gives a cell the nearest of the tiles at some positions, none of a group that is used `most` times. One is
 * left: whoever shares tiles out sees to it.
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
