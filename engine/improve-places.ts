import { type PlacesTask, turnOf } from './assign-places.ts'
import { foundTiles } from './nearest.ts'
import { neighboursIn, ownersOf } from './places.ts'
import { checkpoint } from './threads.ts'

/** Passes over all cells, as `improvement.ts` makes them. */
export const placesPasses = 2
/** Who would have to give a tile up; where a large cell lies among small ones, more can hold it, and it is left to them. */
const mostHolders = 8
/** Cells looked at for one cell that would like a better tile. */
const mostLookedAt = 32_768
const none = 0xffffffff

/**
 * On a thread: local search by ejection, as `improveRows` does it in a plain grid. A cell takes a better tile although cells near
 * it hold an equal one; those give it up and take the best that is allowed to them then. It is done when the sum of all costs,
 * each weighed by its cell's area, falls.
 *
 * @param task.uses how often each group is used, where `most` says how often it may be
 */
export function improvePlaces(task: PlacesTask & { uses?: Uint32Array | undefined }): void {
  const { grid, distance, groups, groupCount, space, from, to, uses, most = Infinity, shared } = task
  const { chosen, costs } = task.assignment
  const { places } = grid
  const { keep } = space
  const owners = ownersOf(grid)
  const { near, find } = neighboursIn(grid, distance, owners)
  const found = foundTiles(space)
  const held = Uint32Array.from(chosen.subarray(0, to), (tile) => groups[tile]!)
  const area = (cell: number) => places[cell * 3 + 2]! ** 2
  /** Two boards: what is held around the cell that takes, and around one that gives up. */
  const seenBy = new Uint32Array(groupCount)
  const holders = new Uint32Array(groupCount * mostHolders)
  const holderCount = new Uint32Array(groupCount)
  const alsoSeenBy = new Uint32Array(groupCount)
  let turn = 0
  let otherTurn = 0
  let lookedAt = 0

  const look = (cell: number): void => {
    turn++
    for (let i = find(cell) - 1; i >= 0; i--) {
      const other = near[i]!
      if (other >= to) continue
      const group = held[other]!
      if (seenBy[group] !== turn) {
        seenBy[group] = turn
        holderCount[group] = 0
      }
      const count = holderCount[group]!++
      if (count < mostHolders) holders[group * mostHolders + count] = other
    }
  }

  /** The first entry of a cell that nobody around it holds; -1 when there is none. */
  const firstFree = (cell: number): number => {
    otherTurn++
    const count = find(cell)
    lookedAt += count
    for (let i = 0; i < count; i++) {
      const group = near[i]! < to ? held[near[i]!]! : none
      if (group !== none) alsoSeenBy[group] = otherTurn
    }
    const start = (cell - from) * keep * 2
    for (let entry = start; entry < start + keep * 2; entry += 2) {
      const group = groups[found.tiles[entry]!]!
      if (alsoSeenBy[group] !== otherTurn && !(uses && uses[group]! >= most)) return entry
    }
    return -1
  }

  const take = (cell: number, entry: number): void => {
    const tile = found.tiles[entry]!
    if (uses) {
      uses[groups[chosen[cell]!]!]!--
      uses[groups[tile]!]!++
    }
    chosen[cell] = tile
    costs[cell] = found.costs[entry + 1]!
    held[cell] = groups[tile]!
  }

  /** What remains of a gain when those who hold a group give it up to a cell; below 0 when one cannot. */
  const picks = new Int32Array(mostHolders)
  const afterEjection = (cell: number, group: number, gain: number, enough: number): number => {
    const count = holderCount[group]!
    if (count > mostHolders) return -1
    const mine = held[cell]!
    const at = group * mostHolders
    held[cell] = group
    for (let h = 0; h < count; h++) held[holders[at + h]!] = none
    let left = gain
    let h = 0
    let picked = 0
    for (; h < count && left > enough; h++) {
      const holder = holders[at + h]!
      if (holder < from) break
      const pick = firstFree(holder)
      if (pick < 0) break
      left -= (found.costs[pick + 1]! - costs[holder]!) * area(holder)
      held[holder] = groups[found.tiles[pick]!]!
      if (uses) uses[held[holder]!]!++
      picks[h] = pick
      picked++
    }
    if (uses) for (let i = 0; i < picked; i++) uses[groups[found.tiles[picks[i]!]!]!]!--
    for (let i = 0; i < count; i++) held[holders[at + i]!] = group
    held[cell] = mine
    return h === count ? left : -1
  }

  const bestPicks = new Int32Array(mostHolders)
  const improve = (cell: number): void => {
    const start = (cell - from) * keep * 2
    const now = costs[cell]!
    if (found.costs[start + 1]! >= now) return
    look(cell)
    let bestGain = 1e-3
    let best = -1
    lookedAt = 0
    for (let entry = start; entry < start + keep * 2 && lookedAt < mostLookedAt; entry += 2) {
      const gain = (now - found.costs[entry + 1]!) * area(cell)
      if (gain <= bestGain) break
      const group = groups[found.tiles[entry]!]!
      if (seenBy[group] !== turn) {
        if (uses && uses[group]! >= most) continue
        bestGain = gain
        best = entry
        break
      }
      const left = afterEjection(cell, group, gain, bestGain)
      if (left <= bestGain) continue
      bestGain = left
      best = entry
      bestPicks.set(picks)
    }
    if (best < 0) return
    const group = groups[found.tiles[best]!]!
    const count = seenBy[group] === turn ? holderCount[group]! : 0
    for (let h = 0; h < count; h++) take(holders[group * mostHolders + h]!, bestPicks[h]!)
    take(cell, best)
  }

  for (let pass = 0; pass < placesPasses; pass++)
    for (let cell = to - 1; cell >= from; cell--) {
      improve(cell)
      if ((cell - from) % turnOf === 0) checkpoint(shared, Math.min(turnOf, to - cell))
    }
}
