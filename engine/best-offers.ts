/** Prices as bidders see them: by group, the cheapest and the second cheapest object. They only rise. */
export interface Prices {
  least: Float64Array
  second: Float64Array
}

/** A cell's best offer. */
export interface Choice {
  group: number
  /** As numbered by the source of the offers. */
  tile: number
  /** The distance. */
  cost: number
  /** Distance plus price, and a lower bound on that of the second best. */
  value: number
  next: number
}

/** Finds the best offers at current prices. */
export interface BestOffers {
  /**
   * Finds a cell's best object and writes it to `choice`. Allocating a result for each of a million calls
   * would take a tenth of their time.
   */
  choose: (cell: number) => void
  choice: Readonly<Choice>
  /** Distance plus price of a cell's best object. */
  valueFor: (cell: number) => number
  /** Must be called for each group whose prices changed. */
  repriced: (group: number) => void
  /**
   * Must be called when prices fell, which invalidates the bounds.
   * @param amount by how much at most
   */
  pricesFell: (amount: number) => void
}

export const noChoice = (): Choice => ({ group: 0, tile: 0, cost: Infinity, value: Infinity, next: Infinity })
