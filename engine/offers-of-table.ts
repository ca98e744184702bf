import { type BestOffers, noChoice, type Prices } from './best-offers.ts'
import { type DistanceTable, positionsByGroup } from './distance-table.ts'
import { startKernel } from './kernel.ts'
import { cellBytes, type SearchSpace } from './search-space.ts'

/** Not a position. */
const nowhere = 0xffffffff

/**
 * Finds the best and the second best object of a cell in its row of the table. The previous two bound the search: both are still
 * available, so anything that costs more than they do now can be skipped. Choices name tiles by position.
 */
export function offersOfTable(
  kernel: WebAssembly.Module,
  space: SearchSpace,
  table: DistanceTable,
  groups: Uint32Array,
  { least, second }: Prices,
): BestOffers {
  const { cellCount, heads, cells, tileAt, ways } = space
  const { memory, columns } = table
  const count = tileAt.length / ways
  const positions = positionsByGroup(space, groups, least.length)
  const groupAt = Uint32Array.from({ length: count }, (_, at) => groups[tileAt[at * ways]!]!)
  const distances = new Float32Array(memory.buffer, table.rows, cellCount * columns)
  const prices = new Float32Array(memory.buffer, table.prices, columns)
  const found = new Uint32Array(memory.buffer, table.found, 2)
  const bests = new Uint32Array(cellCount).fill(nowhere)
  const seconds = new Uint32Array(cellCount).fill(nowhere)
  const { cheapest } = startKernel(kernel, memory)
  const choice = noChoice()

  const choose = (cell: number): void => {
    const row = cell * columns
    let limit = Infinity
    if (seconds[cell] !== nowhere) {
      const [best, next] = [bests[cell]!, seconds[cell]!]
      /* As the kernel adds them, in single precision. */
      limit = Math.max(
        Math.fround(distances[row + best]! + prices[best]!),
        Math.fround(distances[row + next]! + prices[next]!),
      )
    }
    cheapest(
      heads,
      count,
      cells + cell * cellBytes(space),
      table.rows + row * 4,
      table.prices,
      limit,
      table.found,
    )
    const best = found[0]!
    const next = found[1]!
    bests[cell] = best
    seconds[cell] = next
    choice.group = groupAt[best]!
    choice.tile = best
    choice.cost = distances[row + best]!
    choice.value = choice.cost + least[choice.group]!
    const other = next === nowhere ? Infinity : distances[row + next]! + least[groupAt[next]!]!
    choice.next = Math.max(choice.value, Math.min(other, choice.cost + second[choice.group]!))
  }

  const valueFor = (cell: number): number => {
    choose(cell)
    return choice.value
  }

  const repriced = (group: number): void => {
    for (const at of positions[group]!) prices[at] = least[group]!
  }

  return { choose, choice, valueFor, repriced, pricesFell: () => {} }
}
