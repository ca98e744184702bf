/** What cells bid for in the auction: uses of groups of equal tiles, each with its own price. */
export interface PricedUses {
  /** By group: the prices of its cheapest and second cheapest use. */
  least: Float64Array
  second: Float64Array
  /** A group's cheapest use, which bids are for. */
  cheapest(group: number): number
  /** Raises the price of a group's cheapest use. */
  raise(group: number, amount: number): void
  /** Lowers all prices, but not below 0. */
  lower(amount: number): void
  sum(): number
  /** Maximum number of uses that get a price. */
  capacity: number
}

const none = -1

/**
 * Uses that were never bid for cost 0 and take no memory. The others of a group form a skew heap (Daniel Sleator and Robert
 * Tarjan, "Self-adjusting heaps", SIAM Journal on Computing 15, 1986), because a group that may be used in every cell has as many
 * of them, and each bid changes the price of one.
 *
 * @param most uses of each group
 * @param wanted uses assigned at the same time, over all groups
 * @param times calls of `lower`, plus one
 */
export function pricedUses(groupCount: number, most: number, wanted: number, times: number): PricedUses {
  const capacity = Math.min(groupCount * most, groupCount + wanted * times)
  const price = new Float64Array(capacity)
  const groupOf = new Uint32Array(capacity)
  const left = new Int32Array(capacity).fill(none)
  const right = new Int32Array(capacity).fill(none)
  const root = new Int32Array(groupCount).fill(none)
  const started = new Uint32Array(groupCount)
  const least = new Float64Array(groupCount)
  const second = new Float64Array(groupCount)
  let count = 0

  const comesBefore = (a: number, b: number) => price[a]! < price[b]! || (price[a] === price[b] && a < b)

  const meld = (one: number, other: number): number => {
    if (one === none) return other
    if (other === none) return one
    let small = one
    let large = other
    if (comesBefore(large, small)) [small, large] = [large, small]
    const top = small
    for (;;) {
      const below = right[small]!
      right[small] = left[small]!
      if (below === none) {
        left[small] = large
        return top
      }
      const next = comesBefore(large, below) ? large : below
      large = next === large ? below : large
      left[small] = next
      small = next
    }
  }

  const startOne = (group: number): void => {
    started[group]!++
    groupOf[count] = group
    root[group] = meld(root[group]!, count++)
  }

  const priceOf = (use: number) => (use === none ? Infinity : price[use]!)

  /** Updates `least` and `second`. A group with uses left that were never bid for always offers one at price 0. */
  const tell = (group: number): void => {
    const more = started[group]! < most
    if (more && price[root[group]!]! > 0) {
      startOne(group)
      tell(group)
      return
    }
    const first = root[group]!
    least[group] = price[first]!
    second[group] = more ? 0 : Math.min(priceOf(left[first]!), priceOf(right[first]!))
  }

  const raise = (group: number, amount: number): void => {
    const use = root[group]!
    const others = meld(left[use]!, right[use]!)
    left[use] = none
    right[use] = none
    price[use]! += amount
    root[group] = meld(others, use)
    tell(group)
  }

  const lower = (amount: number): void => {
    left.fill(none)
    right.fill(none)
    root.fill(none)
    for (let use = 0; use < count; use++) {
      price[use] = Math.max(0, price[use]! - amount)
      root[groupOf[use]!] = meld(root[groupOf[use]!]!, use)
    }
    for (let group = 0; group < groupCount; group++) tell(group)
  }

  const sum = (): number => {
    let all = 0
    for (let use = 0; use < count; use++) all += price[use]!
    return all
  }

  for (let group = 0; group < groupCount; group++) {
    startOne(group)
    tell(group)
  }
  return { least, second, cheapest: (group) => root[group]!, raise, lower, sum, capacity }
}
