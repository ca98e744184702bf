import type { Assignment, AssignmentTask } from './assignment.ts'
import type { Found } from './nearest.ts'
import { checkpoint } from './threads.ts'

/** Passes over all cells. Each gains about a third of what the one before it gained. */
const passes = 2
/** Equal tiles more than `distance` apart: at most four of them lie within `distance` of one cell. */
const mostHolders = 4
const none = 0xffffffff

/**
 * Local search by ejection: a cell takes a better tile although cells near it hold an equal one; those give it up and
 * take the best that is allowed to them then. It is done when the sum of all costs falls. Rows and columns in turn, in
 * a fixed order: equal input gives equal output.
 */
export function improve(task: AssignmentTask, found: Found, { chosen, costs }: Assignment): void {
  const { grid, distance, space, shared } = task
  const { columns, rows } = grid
  const { keep } = space
  if (distance === 0) return
  const cells = columns * rows
  const groups = denseGroups(task.groups)
  const groupCount = groups.reduce((most, group) => Math.max(most, group), 0) + 1
  /** Group that each cell holds. */
  const held = Uint32Array.from(chosen, (tile) => groups[tile]!)
  /** Two boards, one for the cell that takes, one for a cell that gives up: which groups are held around it. */
  const seenBy = new Uint32Array(groupCount)
  const holders = new Uint32Array(groupCount * mostHolders)
  const holderCount = new Uint8Array(groupCount)
  const alsoSeenBy = new Uint32Array(groupCount)
  let turn = 0
  let otherTurn = 0

  /** Marks on the second board what is held around a cell, and returns the first of its entries that is free. */
  const firstFree = (cell: number): number => {
    otherTurn++
    const x = cell % columns
    const y = (cell - x) / columns
    const right = Math.min(columns - 1, x + distance)
    const bottom = Math.min(rows - 1, y + distance)
    const left = Math.max(0, x - distance)
    for (let ny = Math.max(0, y - distance); ny <= bottom; ny++) {
      const line = ny * columns
      for (let i = line + left; i <= line + right; i++) {
        const group = held[i]!
        if (group !== none) alsoSeenBy[group] = otherTurn
      }
    }
    const end = (cell + 1) * keep * 2
    for (let i = cell * keep * 2; i < end; i += 2)
      if (alsoSeenBy[groups[found.tiles[i]!]!] !== otherTurn) return i
    return -1
  }

  const look = (cell: number): void => {
    turn++
    const x = cell % columns
    const y = (cell - x) / columns
    const right = Math.min(columns - 1, x + distance)
    const bottom = Math.min(rows - 1, y + distance)
    const left = Math.max(0, x - distance)
    for (let ny = Math.max(0, y - distance); ny <= bottom; ny++) {
      const line = ny * columns
      for (let i = line + left; i <= line + right; i++) {
        if (i === cell) continue
        const group = held[i]!
        if (seenBy[group] !== turn) {
          seenBy[group] = turn
          holderCount[group] = 0
        }
        holders[group * mostHolders + holderCount[group]!++] = i
      }
    }
  }

  const picks = new Int32Array(mostHolders)
  const bestPicks = new Int32Array(mostHolders)
  const improveCell = (cell: number): void => {
    const start = cell * keep * 2
    const now = costs[cell]!
    if (found.costs[start + 1]! >= now) return
    look(cell)
    const mine = held[cell]!
    let bestGain = 1e-3
    let best = -1
    const end = start + keep * 2
    for (let entry = start; entry < end; entry += 2) {
      const gain = now - found.costs[entry + 1]!
      if (gain <= bestGain) break
      const group = groups[found.tiles[entry]!]!
      if (seenBy[group] !== turn) {
        bestGain = gain
        best = entry
        break
      }
      let left = gain
      held[cell] = group
      const count = holderCount[group]!
      for (let h = 0; h < count; h++) held[holders[group * mostHolders + h]!] = none
      let h = 0
      for (; h < count && left > bestGain; h++) {
        const holder = holders[group * mostHolders + h]!
        const pick = firstFree(holder)
        if (pick < 0) break
        left -= found.costs[pick + 1]! - costs[holder]!
        held[holder] = groups[found.tiles[pick]!]!
        picks[h] = pick
      }
      if (h === count && left > bestGain) {
        bestGain = left
        best = entry
        bestPicks.set(picks)
      }
      for (let h = 0; h < count; h++) held[holders[group * mostHolders + h]!] = group
      held[cell] = mine
    }
    if (best < 0) return
    const group = groups[found.tiles[best]!]!
    const count = seenBy[group] === turn ? holderCount[group]! : 0
    for (let h = 0; h < count; h++) take(holders[group * mostHolders + h]!, bestPicks[h]!)
    take(cell, best)
  }

  const take = (cell: number, entry: number): void => {
    chosen[cell] = found.tiles[entry]!
    costs[cell] = found.costs[entry + 1]!
    held[cell] = groups[chosen[cell]!]!
  }

  for (let pass = 0; pass < passes; pass++) {
    for (let i = 0; i < cells; i++) {
      improveCell(pass % 2 === 0 ? cells - 1 - i : i)
      if (i % 4096 === 0) checkpoint(shared, 0)
    }
  }
}

function denseGroups(groups: Uint32Array): Uint32Array {
  const number = new Map<number, number>()
  return groups.map((group) => {
    const known = number.get(group)
    if (known !== undefined) return known
    number.set(group, number.size)
    return number.size - 1
  })
}
