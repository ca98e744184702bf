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
import { bestOffers, type Candidates } from './best-offers.ts'
import { pricedUses } from './priced-uses.ts'

export interface Auctioned {
  /** The tile of each cell, and how far it is. */
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
  { steps, goodGap }: AuctionRounds,
  onBids: () => void = () => {},
): Auctioned {
  const uses = pricedUses(groupCount, most, cellCount, steps.length)
  const { least, second } = uses
  const owner = new Int32Array(uses.capacity)
  const taken = new Uint32Array(cellCount)
  const costs = new Float32Array(cellCount)
  const waiting = new Int32Array(cellCount)
  const { choose, choice, valueFor, pricesFell } = bestOffers(cellCount, candidates, groups, {
    least,
    second,
  })

  const lower = (amount: number): void => {
    uses.lower(amount)
    pricesFell(amount)
  }

  let bids = 0
  const holdRound = (epsilon: number): void => {
    owner.fill(-1)
    for (let i = 0; i < cellCount; i++) waiting[i] = cellCount - 1 - i
    for (let length = cellCount; length > 0; ) {
      const cell = waiting[--length]!
      choose(cell)
      const object = uses.cheapest(choice.group)
      const outbid = owner[object]!
      if (outbid >= 0) waiting[length++] = outbid
      owner[object] = cell
      taken[cell] = choice.tile
      costs[cell] = choice.cost
      uses.raise(choice.group, Math.min(choice.next - choice.value, anyPrice) + epsilon)
      if ((++bids & 4095) === 0) onBids()
    }
  }

  const gapNow = (): number => {
    let cost = 0
    let bound = -uses.sum()
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
