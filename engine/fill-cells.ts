import { checkpoint, type Shared } from './checkpoint.ts'
import { cellsWithin, type Grid } from './grid.ts'
import { nearestAllowed } from './nearest.ts'
import type { SearchSpace } from './search-space.ts'

/** The group of an empty cell. */
export const noGroup = 0xffffffff

export interface FillTask {
  grid: Grid
  /** Equal tiles keep more than this many cells apart and are used at most `most` times. */
  distance: number
  most?: number | undefined
  groups: Uint32Array
  groupCount: number
  /** By cell of the mosaic: the group of its tile, or {@link noGroup}. */
  held: Uint32Array
  /** 1 for each tile that may not be used. */
  banned: Uint8Array
  /** By cell of `wanted`: a group it may not hold, or {@link noGroup}. */
  refused: Uint32Array
  /** The cells to fill, in order; they are the cells of `space`. */
  wanted: Uint32Array
  space: SearchSpace
  shared: Shared
}

/**
 * Thread task: fills some cells of a mosaic greedily with the nearest tiles that the others allow.
 * @returns a tile for each; fewer if a cell has no allowed tile, at which it stops
 */
export function fillCells(task: FillTask): number[] {
  const { grid, distance, most = Infinity, groups, groupCount, banned, refused, wanted, space, shared } = task
  const around = cellsWithin(grid, distance)
  const held = task.held.slice()
  const uses = new Uint32Array(groupCount)
  for (const group of held) if (group !== noGroup) uses[group]!++
  const near = new Set<number>()
  const chosen: number[] = []
  for (const [i, cell] of wanted.entries()) {
    near.clear()
    near.add(refused[i]!)
    for (const other of around(cell)) near.add(held[other]!)
    const allowed = (tile: number) =>
      banned[tile] === 0 && !near.has(groups[tile]!) && uses[groups[tile]!]! < most
    const position = nearestAllowed(space, i, allowed)
    if (position < 0) break
    const tile = space.tileAt[position]!
    held[cell] = groups[tile]!
    uses[groups[tile]!]!++
    chosen.push(tile)
    checkpoint(shared, 1)
  }
  return chosen
}
