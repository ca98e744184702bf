import { type BestOffers, noChoice, type Prices } from './best-offers.ts'

/**
 * Tiles a cell may bid for, roughly nearest first: `tiles[i]`, `costs[i + step - 1]` for `i = start`,
 * `start + step`, ...
 */
export interface CandidateList {
  tiles: Uint32Array
  costs: Float32Array
  start: number
  end: number
  step: number
  /** Lower bound on the cost of tiles not in the list; Infinity if there are none. */
  beyond: number
  /** An entry may cost less than an earlier one by at most this. */
  disorder: number
}

export interface Candidates {
  of(cell: number): CandidateList
  /** Makes a cell's list longer. */
  extend(cell: number): void
}

/** Offers cached per cell. */
const remembered = 12

/**
 * Finds the best and the second best object of a cell. The best offers found in the last scan of its list are
 * cached with a lower bound on all others. Because prices only rise, the bound stays valid, and most calls
 * read a dozen offers instead of hundreds.
 */
export function offersOfLists(
  cellCount: number,
  candidates: Candidates,
  groups: Uint32Array,
  { least, second }: Prices,
): BestOffers {
  const tilesOf = new Uint32Array(cellCount * remembered)
  const groupsOf = new Uint32Array(cellCount * remembered)
  const costsOf = new Float32Array(cellCount * remembered).fill(Infinity)
  const others = new Float64Array(cellCount).fill(-Infinity)
  const values = new Float64Array(remembered)
  const places = new Uint32Array(remembered)
  const choice = noChoice()

  const choose = (cell: number): void => {
    const worst = recall(cell)
    if (choice.next <= others[cell]!) return
    while (!goThrough(cell, worst)) candidates.extend(cell)
    recall(cell)
    choice.next = Math.min(choice.next, others[cell]!)
  }

  /**
   * Reads the cached offers.
   * @returns what the worst of them costs now: as many offers cost no more
   */
  const recall = (cell: number): number => {
    let best = cell * remembered
    let value = Infinity
    let next = Infinity
    let worst = 0
    for (let at = best, end = at + remembered; at < end; at++) {
      const group = groupsOf[at]!
      const cost = costsOf[at]!
      const all = cost + least[group]!
      if (all > worst) worst = all
      if (all < value) {
        next = Math.min(value, cost + second[group]!)
        value = all
        best = at
      } else if (all < next) next = all
    }
    choice.group = groupsOf[best]!
    choice.tile = tilesOf[best]!
    choice.cost = costsOf[best]!
    choice.value = value
    choice.next = next
    return worst
  }

  /**
   * Scans a cell's list and caches the best offers. False when a tile beyond its end could be better than all
   * of them.
   */
  const goThrough = (cell: number, worst: number): boolean => {
    const { tiles, costs, start, end, step, beyond, disorder } = candidates.of(cell)
    let count = 0
    let at = start
    for (; at < end; at += step) {
      const cost = costs[at + step - 1]!
      /* Prices are never negative: later entries are no better. */
      if (cost - disorder > worst) break
      const all = cost + least[groups[tiles[at]!]!]!
      if (all > worst) continue
      if (count < remembered) count++
      let place = count - 1
      for (; place > 0 && values[place - 1]! > all; place--) {
        values[place] = values[place - 1]!
        places[place] = places[place - 1]!
      }
      values[place] = all
      places[place] = at
      if (count === remembered) worst = values[count - 1]!
    }
    const first = cell * remembered
    for (let i = 0; i < count; i++) {
      const place = places[i]!
      tilesOf[first + i] = tiles[place]!
      groupsOf[first + i] = groups[tiles[place]!]!
      costsOf[first + i] = costs[place + step - 1]!
    }
    costsOf.fill(Infinity, first + count, first + remembered)
    others[cell] = Math.min(worst, beyond)
    return values[0]! <= beyond
  }

  const valueFor = (cell: number): number => {
    recall(cell)
    if (choice.value > others[cell]!) choose(cell)
    return choice.value
  }

  const pricesFell = (amount: number): void => {
    for (let cell = 0; cell < cellCount; cell++) others[cell]! -= amount
  }

  return { choose, choice, valueFor, repriced: () => {}, pricesFell }
}
