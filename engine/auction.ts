/**
 * Who gets which tile when each may be used only so often: the auction algorithm for the assignment problem, one bidder
 * at a time (Dimitri Bertsekas, "Auction algorithms for network flow problems: a tutorial introduction", Computational
 * Optimization and Applications 1, 1992).
 *
 * Every use of a tile is an object with a price. A cell takes what costs it least, distance and price together, and
 * raises the price to where its second choice would be as good, plus `epsilon`; who had it bids again. Prices start at
 * 0 and stay there for what nobody wants, so the sum of costs ends at most `cells * epsilon` above the least there is.
 *
 * Where many want the same few, prices climb by `epsilon` at a time. So the auction is held in rounds, each with a smaller one: all is
 * given back, and prices begin a little below where they ended. What nobody takes at its price then widens the gap that is told.
 */
import type { BestOffers, Prices } from './best-offers.ts'

export interface Auctioned {
  /** The tile of each cell, as offers number them, and how far it is. */
  taken: Uint32Array
  costs: Float32Array
  /** By group: what one more use of it costs. */
  prices: Float64Array
  /** How far the sum of all costs may lie above the least there is, as a part of it: above the dual bound. */
  gap: number
}

export interface AuctionRounds {
  /** `epsilon` of each round, the largest first. */
  steps: readonly number[]
  /** A round that ends with no larger gap is the last. */
  goodGap: number
}

/** Enough to outbid everything when a cell has no second choice. */
const anyPrice = 1e7
/** By how many of their last steps prices fall before the next round: with 3, some of them are too high for everybody. */
const fall = 4

/**
 * @param offersAt knows what is best for a cell at the prices that it is given, now and whenever it is asked
 * @param most uses of a group of tiles; `groupCount * most` is at least `cellCount`
 * @param onBids called now and then
 */
export function auction(
  cellCount: number,
  offersAt: (prices: Prices) => BestOffers,
  groupCount: number,
  most: number,
  { steps, goodGap }: AuctionRounds,
  onBids: () => void = () => {},
): Auctioned {
  /* Object `group * most + use`, of which bidders only see the cheapest of a group, and the one after it. */
  const price = new Float64Array(groupCount * most)
  const owner = new Int32Array(groupCount * most)
  const cheapest = Uint32Array.from({ length: groupCount }, (_, group) => group * most)
  const least = new Float64Array(groupCount)
  const second = new Float64Array(groupCount).fill(most > 1 ? 0 : Infinity)
  const taken = new Uint32Array(cellCount)
  const costs = new Float32Array(cellCount)
  const waiting = new Int32Array(cellCount)
  const { choose, choice, valueFor, repriced, pricesFell } = offersAt({ least, second })

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
    repriced(group)
  }

  const lower = (amount: number): void => {
    for (let object = 0; object < price.length; object++) price[object] = Math.max(0, price[object]! - amount)
    for (let group = 0; group < groupCount; group++) raise(group, 0)
    pricesFell(amount)
  }

  let bids = 0
  const holdRound = (epsilon: number): void => {
    owner.fill(-1)
    for (let i = 0; i < cellCount; i++) waiting[i] = cellCount - 1 - i
    for (let length = cellCount; length > 0; ) {
      const cell = waiting[--length]!
      choose(cell)
      const object = cheapest[choice.group]!
      const outbid = owner[object]!
      if (outbid >= 0) waiting[length++] = outbid
      owner[object] = cell
      taken[cell] = choice.tile
      costs[cell] = choice.cost
      raise(choice.group, Math.min(choice.next - choice.value, anyPrice) + epsilon)
      if ((++bids & 4095) === 0) onBids()
    }
  }

  const gapNow = (): number => {
    let cost = 0
    let bound = 0
    for (const each of price) bound -= each
    for (let cell = 0; cell < cellCount; cell++) {
      bound += valueFor(cell)
      cost += costs[cell]!
    }
    if (bound > 0) return Math.max(0, cost / bound - 1)
    return cost > 0 ? Infinity : 0
  }

  let gap = Infinity
  for (const [round, epsilon] of steps.entries()) {
    if (round > 0) lower(fall * steps[round - 1]!)
    holdRound(epsilon)
    gap = gapNow()
    if (gap <= goodGap) break
  }
  /* Nothing of a sum of nearly nothing: the mosaic is its target. */
  return { taken, costs, prices: least, gap: Number.isFinite(gap) ? gap : 0 }
}
