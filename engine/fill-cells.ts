import { checkpoint, type Shared } from './checkpoint.ts'
import { cellsWithin, type Grid } from './grid.ts'
import { nearestAllowed } from './nearest.ts'
import type { SearchSpace } from './search-space.ts'

/** Of a cell that holds no tile. */
export const noGroup = 0xffffffff

export interface FillTask {
  grid: Grid
  /** Equal tiles keep more than this many cells apart, and are used at most so often. */
  distance: number
  most?: number | undefined
  groups: Uint32Array
  groupCount: number
  /** By cell of the mosaic: the group of the tile that stands there, or {@link noGroup}. */
  held: Uint32Array
  /** 1 for each tile that may not be taken. */
  banned: Uint8Array
  /** By cell of `wanted`: a group that may not stand there, or {@link noGroup}. */
  refused: Uint32Array
  /** The cells to fill, which are those of `space`, in this order. */
  wanted: Uint32Array
  space: SearchSpace
  shared: Shared
}

/**
 * On a thread: gives some cells of a mosaic the nearest tiles that the others allow, one after the other.
 * @returns a tile for each; fewer when nothing is allowed for the next one
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
