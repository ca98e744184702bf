/** The uses of groups of tiles, each with its price: what is bought at an auction. */
export interface PricedUses {
  /** By group: the price of its cheapest use and of the one after it. */
  least: Float64Array
  second: Float64Array
  /** The one use of a group that bidders get. */
  cheapest(group: number): number
  /** Makes the cheapest use of a group cost more. */
  raise(group: number, amount: number): void
  /** Makes all cost less, though nothing less than 0. */
  lower(amount: number): void
  sum(): number
  /** There are no more than this many, ever. */
  capacity: number
}

const none = -1

/**
 * Those that nobody wanted yet cost 0 and need no memory, however many a group has. Those of a group are a skew heap (Daniel
 * Sleator and Robert Tarjan, "Self-adjusting heaps", SIAM Journal on Computing 15, 1986): a group that may be used for every cell
 * of a mosaic has as many, and each bid changes the price of one.
 *
 * @param most uses of a group
 * @param wanted at once, of all groups together
 * @param times that `lower` is called, and one more
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

  /** As long as a group has uses that nobody wanted, one of those that are told about costs 0. */
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
