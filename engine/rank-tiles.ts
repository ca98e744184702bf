import { checkpoint, type Shared } from './checkpoint.ts'
import { nearestAllowed } from './nearest.ts'
import type { SearchSpace } from './search-space.ts'

export interface RankTask {
  /** Of one cell. */
  space: SearchSpace
  groups: Uint32Array
  /** 1 for each tile that may be taken as it is turned. */
  upright: Uint8Array
  unwanted: ReadonlySet<number>
  count: number
  shared: Shared
}

/** On a thread: the nearest tiles of the first cell of a space, one of each group. */
export function rankTiles({ space, groups, upright, unwanted, count, shared }: RankTask): number[] {
  const taken = new Set(unwanted)
  const ranked: number[] = []
  while (ranked.length < count) {
    const position = nearestAllowed(space, 0, (tile) => upright[tile] === 1 && !taken.has(groups[tile]!))
    if (position < 0) break
    const tile = space.tileAt[position]!
    taken.add(groups[tile]!)
    ranked.push(tile)
    checkpoint(shared, 1)
  }
  return ranked
}
