/**
 * Who gets which tile when each may be used only so often: the auction algorithm for the assignment problem, one bidder
 * at a time (Dimitri Bertsekas, "Auction algorithms for network flow problems: a tutorial introduction", Computational
 * Optimization and Applications 1, 1992).
 *
 * Every use of a tile is an object with a price. A cell takes what costs it least, distance and price together, and
 * raises the price to where its second choice would be as good, plus `epsilon`; who had it bids again. Prices start at
 * 0 and stay there for what nobody wants, so the sum of costs ends at most `cells * epsilon` above the least there is.
 */

/** What a cell may bid for, nearest first: `tiles[i]` and `costs[i]` for `i = start`, `start + step`, ... */
export interface CandidateList {
  tiles: Uint32Array
  costs: Float32Array
  start: number
  end: number
  step: number
  /** Whether the list holds all there is. */
  whole: boolean
}

export interface Candidates {
  of(cell: number): CandidateList
  /** Makes a cell's list longer. */
  extend(cell: number): void
}

export interface Auctioned {
  /** Index into the cell's list of candidates. */
  taken: Uint32Array
  /** By group: what one more use of it costs. */
  prices: Float64Array
  /** The sum of all costs, and the dual bound: what no assignment can be below. */
  cost: number
  bound: number
}

/** Enough to outbid everything when a cell has no second choice. */
const anyPrice = 1e7

/**
 * @param groups of tiles: those of one group share its uses
 * @param most uses of a group; `groupCount * most` is at least `cellCount`
 * @param onBids called now and then
 */
export function auction(
  cellCount: number,
  candidates: Candidates,
  groups: Uint32Array,
  groupCount: number,
  most: number,
  epsilon: number,
  onBids: () => void = () => {},
): Auctioned {
  /* Object `group * most + use`, of which bidders only see the cheapest of a group, and the one after it. */
  const price = new Float64Array(groupCount * most)
  const owner = new Int32Array(groupCount * most).fill(-1)
  const cheapest = Uint32Array.from({ length: groupCount }, (_, group) => group * most)
  const least = new Float64Array(groupCount)
  const second = new Float64Array(groupCount).fill(most > 1 ? 0 : Infinity)
  const taken = new Uint32Array(cellCount)
  const waiting = Int32Array.from({ length: cellCount }, (_, i) => cellCount - 1 - i)

  const raise = (group: number, amount: number): void => {
    price[cheapest[group]!]! += amount
    let low = Infinity
    let next = Infinity
    for (let object = group * most; object < (group + 1) * most; object++) {
      const at = price[object]!
      if (at < low) {
        next = low
        low = at
        cheapest[group] = object
      } else if (at < next) next = at
    }
    least[group] = low
    second[group] = next
  }

  const choice = { entry: 0, group: 0, value: 0, next: 0 }
  /** A cell's best object and what its second best costs, no more than that. */
  const choose = (cell: number): void => {
    for (;;) {
      const { tiles, costs, start, end, step, whole } = candidates.of(cell)
      let value = Infinity
      let next = Infinity
      let at = start
      for (; at < end; at += step) {
        const cost = costs[at + step - 1]!
        /* No price is below 0: what comes after is no second best. */
        if (cost >= next) break
        const group = groups[tiles[at]!]!
        const all = cost + least[group]!
        if (all < value) {
          next = Math.min(value, cost + second[group]!)
          value = all
          choice.entry = (at - start) / step
          choice.group = group
        } else if (all < next) next = all
      }
      const beyond = at < end || whole ? Infinity : costs[end - 1]!
      if (value <= beyond) {
        choice.value = value
        choice.next = Math.min(next, beyond)
        return
      }
      candidates.extend(cell)
    }
  }

  let bids = 0
  for (let length = cellCount; length > 0; ) {
    const cell = waiting[--length]!
    choose(cell)
    const object = cheapest[choice.group]!
    const outbid = owner[object]!
    if (outbid >= 0) waiting[length++] = outbid
    owner[object] = cell
    taken[cell] = choice.entry
    raise(choice.group, Math.min(choice.next - choice.value, anyPrice) + epsilon)
    if ((++bids & 4095) === 0) onBids()
  }

  let cost = 0
  let bound = 0
  for (const each of price) bound -= each
  for (let cell = 0; cell < cellCount; cell++) {
    choose(cell)
    bound += choice.value
    const { costs, start, step } = candidates.of(cell)
    cost += costs[start + taken[cell]! * step + step - 1]!
  }
  return { taken, prices: least, cost, bound }
}
