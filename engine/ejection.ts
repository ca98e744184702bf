import type { Assignment } from './assignment.ts'
import { foundTiles } from './nearest.ts'
import type { SearchSpace } from './search-space.ts'

/** The group of a cell that is temporarily empty. */
export const none = 0xffffffff
/**
 * Limit on cells visited while improving one cell. Each candidate costs a scan of the neighbourhoods of all
 * holders: at distance 5 hardly any cell reaches the limit, at distance 40 it is the cost of one ejection.
 */
export const mostLookedAt = 32_768

export interface EjectionRules {
  groups: Uint32Array
  groupCount: number
  space: SearchSpace
  /** The first cell of the space. */
  firstCell: number
  assignment: Assignment
  /** Maximum uses of a group, and current uses. With these, only one task may run at a time. */
  most?: number | undefined
  uses?: Uint32Array | undefined
}

/** The cells that take part, and their neighbourhoods. */
export interface Surroundings {
  /** The cells that may change: first, and one past the last. */
  from: number
  to: number
  /** The group held by each visible cell, starting with cell `base`. */
  held: Uint32Array
  base: number
  /** Weight of a cell's cost. Absent: 1. */
  weight?: (cell: number) => number
  /** Maximum neighbours of a cell that may hold the same group; with more, no ejection is tried. */
  mostHolders: number
  /** Calls back with each neighbour of a cell and its group. */
  look: (cell: number, see: (other: number, group: number) => void) => void
  /** Writes `turn` for each group held by a cell or its neighbours; returns the number of cells visited. */
  mark: (cell: number, seenBy: Uint32Array, turn: number) => number
}

/**
 * Local search by ejection. A cell takes a better tile even if neighbours hold an equal one; these give it up
 * and take the best tile they are then allowed. The move is made if the total cost falls.
 *
 * @returns a function that tries this for one cell
 */
export function ejection(
  { groups, groupCount, space, firstCell, assignment, most = Infinity, uses }: EjectionRules,
  { from, to, held, base, weight, mostHolders, look, mark }: Surroundings,
): (cell: number) => void {
  const { chosen, costs } = assignment
  const { keep } = space
  const found = foundTiles(space)
  /** Groups around the cell that takes; `alsoSeenBy` is the same for a cell that gives up its tile. */
  const seenBy = new Uint32Array(groupCount)
  const holders = new Uint32Array(groupCount * mostHolders)
  const holderCount = new Uint32Array(groupCount)
  const alsoSeenBy = new Uint32Array(groupCount)
  let turn = 0
  let otherTurn = 0
  let lookedAt = 0
  const picks = new Int32Array(mostHolders)
  const bestPicks = new Int32Array(mostHolders)

  const see = (other: number, group: number): void => {
    if (seenBy[group] !== turn) {
      seenBy[group] = turn
      holderCount[group] = 0
    }
    const count = holderCount[group]!++
    if (count < mostHolders) holders[group * mostHolders + count] = other
  }

  /** The first candidate of a cell that no neighbour holds; -1 if there is none. */
  const firstFree = (cell: number): number => {
    lookedAt += mark(cell, alsoSeenBy, ++otherTurn)
    const start = (cell - firstCell) * keep * 2
    const end = start + keep * 2
    for (let entry = start; entry < end; entry += 2) {
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
    held[cell - base] = groups[tile]!
  }

  /** What remains of a gain if all holders of a group give it up to a cell; below 0 if one of them cannot. */
  const afterEjection = (cell: number, group: number, gain: number, enough: number): number => {
    const count = holderCount[group]!
    if (count > mostHolders) return -1
    const mine = held[cell - base]!
    const at = group * mostHolders
    held[cell - base] = group
    for (let h = 0; h < count; h++) held[holders[at + h]! - base] = none
    let left = gain
    let h = 0
    let picked = 0
    for (; h < count && left > enough; h++) {
      const holder = holders[at + h]!
      if (holder < from || holder >= to) break
      const pick = firstFree(holder)
      if (pick < 0) break
      const more = found.costs[pick + 1]! - costs[holder]!
      left -= weight ? more * weight(holder) : more
      held[holder - base] = groups[found.tiles[pick]!]!
      if (uses) uses[held[holder - base]!]!++
      picks[h] = pick
      picked++
    }
    if (uses) for (let i = 0; i < picked; i++) uses[groups[found.tiles[picks[i]!]!]!]!--
    for (let i = 0; i < count; i++) held[holders[at + i]! - base] = group
    held[cell - base] = mine
    return h === count ? left : -1
  }

  return (cell) => {
    const start = (cell - firstCell) * keep * 2
    const end = start + keep * 2
    const now = costs[cell]!
    if (found.costs[start + 1]! >= now) return
    turn++
    look(cell, see)
    let bestGain = 1e-3
    let best = -1
    lookedAt = 0
    for (let entry = start; entry < end && lookedAt < mostLookedAt; entry += 2) {
      const less = now - found.costs[entry + 1]!
      const gain = weight ? less * weight(cell) : less
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
}
