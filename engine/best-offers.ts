/** What bidders see of prices: by group, that of its cheapest object and of the one after it. They only rise. */
export interface Prices {
  least: Float64Array
  second: Float64Array
}

/** What a cell would bid for, and by how much. */
export interface Choice {
  group: number
  /** As whoever offers it numbers them. */
  tile: number
  /** How far it is. */
  cost: number
  /** What it costs, distance and price together, and what the second best costs, no more than that. */
  value: number
  next: number
}

/** Who tells bidders what is best for them at the prices of the moment. */
export interface BestOffers {
  /** Finds a cell's best object and writes it to `choice`: a new one for each of a million questions would be a tenth of their time. */
  choose: (cell: number) => void
  choice: Readonly<Choice>
  /** What a cell's best object costs. */
  valueFor: (cell: number) => number
  /** Has to be told of each group whose prices are others now. */
  repriced: (group: number) => void
  /** Has to be told when prices fell, against the rule. @param amount by how much at most */
  pricesFell: (amount: number) => void
}

export const noChoice = (): Choice => ({ group: 0, tile: 0, cost: Infinity, value: Infinity, next: Infinity })
