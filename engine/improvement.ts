import type { Assignment } from './assignment.ts'
import type { Grid } from './grid.ts'
import { foundTiles } from './nearest.ts'
import type { SearchSpace } from './search-space.ts'
import { checkpoint, type Shared } from './threads.ts'

/** Passes over all cells. The second gains a third of what the first gained, a third one would gain 0.5 %. */
const passes = 2
/**
 * Cells looked at for one cell that would like a better tile. Each tile in question costs the surroundings of all who
 * would give it up: at distance 5 hardly a cell needs as much, at 40 it is what one round of giving up costs.
 */
const mostLookedAt = 32_768
const windowSize = (distance: number) => (2 * distance + 1) ** 2
/** Equal tiles more than `distance` apart: at most four of them lie within `distance` of one cell. */
const mostHolders = 4
const none = 0xffffffff

export interface ImprovementTask {
  grid: Grid
  /** Equal tiles keep more than this many cells apart. */
  distance: number
  /** Tiles of one number count as equal; numbers from 0 up to before `groupCount`. */
  groups: Uint32Array
  groupCount: number
  space: SearchSpace
  /** The first row of `space`. The rows of `grid` end with it. */
  firstRow: number
  assignment: Assignment
  /** How often a group may be used, and how often each is. Whoever is bound by it must be the only one at work. */
  most?: number | undefined
  uses?: Uint32Array | undefined
  /** The rows that may change: first, and one past the last. */
  fromRow: number
  toRow: number
  shared: Shared
}

export type Rows = Pick<ImprovementTask, 'fromRow' | 'toRow'>

/**
 * Stripes of rows in rounds: those of one round lie so far apart that they can be improved at once, on as many threads
 * as there are, with one result. Each pass cuts elsewhere, so that no cell stays at a border.
 *
 * @param oneByOne a round for each stripe: with a rule for the mosaic as a whole, one must see what another did
 */
export function improvementRounds(
  firstRow: number,
  rows: number,
  distance: number,
  oneByOne = false,
): Rows[][] {
  if (distance === 0 || windowSize(distance) > mostLookedAt) return []
  const height = Math.max(24, 4 * distance)
  return Array.from({ length: passes }, (_, pass) => {
    const stripes: Rows[] = []
    for (let row = firstRow - (pass % 2 === 0 ? 0 : height / 2); row < rows; row += height)
      stripes.push({ fromRow: Math.max(firstRow, row), toRow: Math.min(rows, row + height) })
    if (oneByOne) return stripes.map((stripe) => [stripe])
    return [0, 1].map((parity) => stripes.filter((_, i) => i % 2 === parity))
  }).flat()
}

/**
 * On a thread: local search by ejection. A cell takes a better tile although cells near it hold an equal one; those
 * give it up and take the best that is allowed to them then. It is done when the sum of all costs falls.
 */
export function improveRows(task: ImprovementTask): void {
  const { grid, distance, groups, groupCount, space, shared, fromRow, toRow } = task
  const { chosen, costs } = task.assignment
  const { most = Infinity, uses } = task
  const { columns, rows } = grid
  const { keep } = space
  const spaceStart = task.firstRow * columns
  const found = foundTiles(space)
  const firstCell = fromRow * columns
  const endCell = toRow * columns
  /** Group that each cell holds that can be seen from these rows. Cells of other rows stay as they are meanwhile. */
  const base = Math.max(0, fromRow - distance) * columns
  const held = Uint32Array.from(
    chosen.subarray(base, Math.min(rows, toRow + distance) * columns),
    (tile) => groups[tile]!,
  )
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
        const group = held[i - base]!
        if (group !== none) alsoSeenBy[group] = otherTurn
      }
    }
    const start = (cell - spaceStart) * keep * 2
    const end = start + keep * 2
    for (let i = start; i < end; i += 2) {
      const group = groups[found.tiles[i]!]!
      if (alsoSeenBy[group] !== otherTurn && !(uses && uses[group]! >= most)) return i
    }
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
        const group = held[i - base]!
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
    const start = (cell - spaceStart) * keep * 2
    const now = costs[cell]!
    if (found.costs[start + 1]! >= now) return
    look(cell)
    const mine = held[cell - base]!
    let bestGain = 1e-3
    let best = -1
    const end = start + keep * 2
    let lookedAt = 0
    for (let entry = start; entry < end && lookedAt < mostLookedAt; entry += 2) {
      const gain = now - found.costs[entry + 1]!
      if (gain <= bestGain) break
      const group = groups[found.tiles[entry]!]!
      if (seenBy[group] !== turn) {
        if (uses && uses[group]! >= most) continue
        bestGain = gain
        best = entry
        break
      }
      let left = gain
      held[cell - base] = group
      const count = holderCount[group]!
      for (let h = 0; h < count; h++) held[holders[group * mostHolders + h]! - base] = none
      let h = 0
      let picked = 0
      for (; h < count && left > bestGain; h++) {
        const holder = holders[group * mostHolders + h]!
        if (holder < firstCell || holder >= endCell) break
        lookedAt += windowSize(distance)
        const pick = firstFree(holder)
        if (pick < 0) break
        left -= found.costs[pick + 1]! - costs[holder]!
        held[holder - base] = groups[found.tiles[pick]!]!
        if (uses) uses[held[holder - base]!]!++
        picks[h] = pick
        picked++
      }
      if (h === count && left > bestGain) {
        bestGain = left
        best = entry
        bestPicks.set(picks)
      }
      if (uses) for (let h = 0; h < picked; h++) uses[groups[found.tiles[picks[h]!]!]!]!--
      for (let h = 0; h < count; h++) held[holders[group * mostHolders + h]! - base] = group
      held[cell - base] = mine
    }
    if (best < 0) return
    const group = groups[found.tiles[best]!]!
    const count = seenBy[group] === turn ? holderCount[group]! : 0
    for (let h = 0; h < count; h++) take(holders[group * mostHolders + h]!, bestPicks[h]!)
    take(cell, best)
  }

  const take = (cell: number, entry: number): void => {
    if (uses) {
      uses[groups[chosen[cell]!]!]!--
      uses[groups[found.tiles[entry]!]!]!++
    }
    chosen[cell] = found.tiles[entry]!
    costs[cell] = found.costs[entry + 1]!
    held[cell - base] = groups[chosen[cell]!]!
  }

  for (let cell = endCell - 1; cell >= firstCell; cell--) {
    improveCell(cell)
    if (cell % columns === 0) checkpoint(shared, columns)
  }
}
