import { checkpoint, type Shared } from './checkpoint.ts'
import { nearestAllowed } from './nearest.ts'
import type { SearchSpace } from './search-space.ts'

export interface RankTask {
  /** Has a single cell. */
  space: SearchSpace
  groups: Uint32Array
  /** 1 for variants to consider: those that are upright. */
  upright: Uint8Array
  unwanted: ReadonlySet<number>
  count: number
  shared: Shared
}

/** Thread task: the nearest tiles of the first cell of a space, one of each group. */
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
