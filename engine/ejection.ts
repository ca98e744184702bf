import type { Assignment } from './assignment.ts'
import { foundTiles } from './nearest.ts'
import type { SearchSpace } from './search-space.ts'

/** Of a cell that holds nothing for the moment. */
export const none = 0xffffffff
/**
 * Cells looked at for one cell that would like a better tile. Each tile in question costs the surroundings of all who
 * would give it up: at distance 5 hardly a cell needs as much, at 40 it is what one round of giving up costs.
 */
export const mostLookedAt = 32_768

export interface EjectionRules {
  groups: Uint32Array
  groupCount: number
  space: SearchSpace
  /** The cell of the mosaic that the space begins with. */
  firstCell: number
  assignment: Assignment
  /** How often a group may be used, and how often each is. Whoever is bound by it must be the only one at work. */
  most?: number | undefined
  uses?: Uint32Array | undefined
}

/** Which cells take part, and what is around them. */
export interface Surroundings {
  /** The cells that may change: first, and one past the last. */
  from: number
  to: number
  /** The group that each cell holds that can be seen from those: of cell `base`, the next, and so on. */
  held: Uint32Array
  base: number
  /** By how much a cell's cost counts. Absent: all alike. */
  weight?: (cell: number) => number
  /** Cells near one cell that may hold one group, at most; where there are more, it is left to them. */
  mostHolders: number
  /** Calls back with each cell near a cell, itself left out, and its group. */
  look: (cell: number, see: (other: number, group: number) => void) => void
  /** Writes `turn` for each group that is held near a cell, or by itself, and returns how many cells it looked at. */
  mark: (cell: number, seenBy: Uint32Array, turn: number) => number
}

/**
 * Local search by ejection. A cell takes a better tile although cells near it hold an equal one; those give it up and take the best
 * that is allowed to them then. It is done when the sum of all costs falls.
 *
 * @returns what tries so for one cell
 */
export function ejection(
  { groups, groupCount, space, firstCell, assignment, most = Infinity, uses }: EjectionRules,
  { from, to, held, base, weight, mostHolders, look, mark }: Surroundings,
): (cell: number) => void {
  const { chosen, costs } = assignment
  const { keep } = space
  const found = foundTiles(space)
  /** Two boards, one for the cell that takes, one for a cell that gives up: which groups are held around it. */
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

  /** The first entry of a cell that nobody around it holds; -1 when there is none. */
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

  /** What remains of a gain when those who hold a group give it up to a cell; below 0 when one cannot. */
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
