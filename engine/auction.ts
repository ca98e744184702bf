/**
 * Assignment with limited uses per tile: Bertsekas' auction algorithm, one bidder at a time (Dimitri
 * Bertsekas, "Auction algorithms for network flow problems: a tutorial introduction", Computational
 * Optimization and Applications 1, 1992).
 *
 * Every use of a tile is an object with a price. A cell takes the object with the least cost, distance plus
 * price, and raises its price to where the second choice would be as good, plus `epsilon`; the previous owner
 * bids again. Prices start at 0 and unwanted objects keep that price, so the total cost ends at most
 * `cells * epsilon` above the optimum.
 *
 * Epsilon-scaling: where many cells want the same few tiles, prices climb by `epsilon` at a time. So the
 * auction is held in rounds with decreasing `epsilon`. For each, all objects are released and prices start a
 * little below where they ended. An object that nobody takes at its price then widens the reported gap.
 */
import type { BestOffers, Prices } from './best-offers.ts'
import { pricedUses } from './priced-uses.ts'

export interface Auctioned {
  /** The tile of each cell, as offers number them, and its distance. */
  taken: Uint32Array
  costs: Float32Array
  /** By group: the price of one more use. */
  prices: Float64Array
  /**
   * Upper bound on how far the total cost is above the dual bound, and so above the optimum, as a fraction.
   */
  gap: number
}

export interface AuctionRounds {
  /** `epsilon` of each round, in descending order. */
  steps: readonly number[]
  /** Stops after a round whose gap is no larger. */
  goodGap: number
}

/** Outbids everything when a cell has no second choice. */
const anyPrice = 1e7
/**
 * Prices fall by this many epsilons of a round before the next. With 3, some stay too high for every cell.
 */
const fall = 4

/**
 * @param offersAt finds the best offers for a cell at the given prices, which it reads on every call
 * @param most maximum uses of a group of tiles; `groupCount * most` is at least `cellCount`
 * @param onBids called every 4,096 bids
 */
export function auction(
  cellCount: number,
  offersAt: (prices: Prices) => BestOffers,
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
  const { choose, choice, valueFor, repriced, pricesFell } = offersAt({ least, second })

  const lower = (amount: number): void => {
    uses.lower(amount)
    for (let group = 0; group < groupCount; group++) repriced(group)
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
      repriced(choice.group)
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
  /* With a dual bound of 0 the gap is meaningless: the mosaic is identical to its target. */
  return { taken, costs, prices: least, gap: Number.isFinite(gap) ? gap : 0 }
}
