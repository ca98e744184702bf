/**
 * Uses every tile of the library at least once: unused tiles take the cells where the total cost rises least.
 * They bid for cells as cells bid for tiles in `engine/auction.ts`.
 */
import type { Assignment } from './assignment.ts'
import { auction } from './auction.ts'
import type { Prices } from './best-offers.ts'
import { checkpoint, type Shared } from './checkpoint.ts'
import { startKernel } from './kernel.ts'
import { type CandidateList, offersOfLists } from './offers-of-lists.ts'
import { cellBodies, cellBytes, makeSearchSpace, type SearchSpace, tilesAsCells } from './search-space.ts'

export interface EveryTileTask {
  kernel: WebAssembly.Module
  space: SearchSpace
  assignment: Assignment
  groups: Uint32Array
  groupCount: number
  shared: Shared
}

/** Cells in a tile's initial list. */
const nearestFirst = 128
/** Epsilon, in steps of the vectors: a sixteenth of a visible difference. */
const round = { steps: [2], goodGap: 0 }

/**
 * Thread task. Each tile in use keeps the cell it fits best, so that none drops out. An added tile is used
 * once, so the distance rule holds. There must be at least as many cells as groups.
 */
export function useEveryTile({ kernel, space, assignment, groups, groupCount, shared }: EveryTileTask): void {
  const { chosen, costs } = assignment
  const best = new Int32Array(groupCount).fill(-1)
  for (let cell = 0; cell < chosen.length; cell++) {
    const group = groups[chosen[cell]!]!
    if (best[group]! < 0 || costs[cell]! < costs[best[group]!]!) best[group] = cell
  }
  const free = Uint32Array.from(chosen.keys()).filter((cell) => best[groups[chosen[cell]!]!] !== cell)
  const unused = new Map<number, number[]>()
  for (const [position, tile] of space.tileAt.entries()) {
    const group = groups[tile]!
    if (best[group]! >= 0) continue
    const positions = unused.get(group)
    if (positions) positions.push(position)
    else unused.set(group, [position])
  }
  if (unused.size === 0) return
  const from = distancesToCells(kernel, space, [...unused.values()].flat())
  const bidders: Bidder[] = []
  for (const positions of unused.values()) {
    bidders.push(bidder(positions, from, free, costs))
    checkpoint(shared, 0)
  }
  const candidates = {
    of: (i: number) => bidders[i]!.list,
    extend: (i: number) => bidders[i]!.extend(),
  }
  const cells = Uint32Array.from(chosen.keys())
  const offersAt = (prices: Prices) => offersOfLists(bidders.length, candidates, cells, prices)
  const sold = auction(bidders.length, offersAt, cells.length, 1, round, () => checkpoint(shared, 0))
  bidders.forEach(({ positionFor }, i) => {
    const cell = sold.taken[i]!
    const { position, distance } = positionFor(cell)
    chosen[cell] = space.tileAt[position]!
    costs[cell] = distance
  })
}

interface Bidder {
  list: CandidateList
  extend(): void
  positionFor(cell: number): { position: number; distance: number }
}

/** @param from squared distances of all cells from the tile at a position; overwritten by the next call */
function bidder(
  positions: number[],
  from: (position: number) => Uint32Array,
  free: Uint32Array,
  costs: Float32Array,
): Bidder {
  /* Offsets costs so that none is negative: no current cost is higher. */
  let worst = 0
  for (const cost of costs) worst = Math.max(worst, cost)
  const increases = () => {
    const least = new Float32Array(free.length).fill(Infinity)
    for (const position of positions) {
      const squared = from(position)
      for (let i = 0; i < free.length; i++) least[i] = Math.min(least[i]!, squared[free[i]!]!)
    }
    return least.map((squared, i) => Math.sqrt(squared) - costs[free[i]!]! + worst)
  }
  const listOf = (most: number): CandidateList => {
    const all = increases()
    let order = Uint32Array.from(all.keys())
    if (most < all.length) {
      const limit = all.toSorted()[most - 1]!
      order = order.filter((i) => all[i]! <= limit)
    }
    order.sort((a, b) => all[a]! - all[b]! || a - b)
    return {
      tiles: order.map((i) => free[i]!),
      costs: Float32Array.from(order, (i) => all[i]!),
      ...{ start: 0, end: order.length, step: 1, disorder: 0 },
      beyond: order.length === all.length ? Infinity : all[order.at(-1)!]!,
    }
  }
  const own: Bidder = {
    list: listOf(nearestFirst),
    extend() {
      own.list = listOf(Infinity)
    },
    positionFor(cell) {
      let found = { position: -1, distance: Infinity }
      for (const position of positions) {
        const distance = Math.sqrt(from(position)[cell]!)
        if (distance < found.distance) found = { position, distance }
      }
      return found
    },
  }
  return own
}

/** The kernel with roles swapped: cells are its tiles, and it computes their distances from a tile. */
function distancesToCells(kernel: WebAssembly.Module, space: SearchSpace, positions: number[]) {
  const { cellCount } = space
  const cells = Uint32Array.from({ length: cellCount }, (_, cell) => cell)
  const shared = new Uint32Array(new SharedArrayBuffer(cells.byteLength))
  shared.set(cells)
  const index = { ways: 1 as const, head: [], bodies: cellBodies(space), tileAt: shared }
  const turned = makeSearchSpace(index, cells, positions.length, 1)
  tilesAsCells(space, positions, turned)
  const { distances } = startKernel(kernel, turned.memory)
  const place = new Map(positions.map((position, i) => [position, i]))
  const squared = new Uint32Array(turned.memory.buffer, turned.scratch, cellCount)
  return (position: number): Uint32Array => {
    const tile = turned.cells + place.get(position)! * cellBytes(turned)
    distances(turned.bodies, turned.norms, cellCount, tile, 1, turned.scratch)
    return squared
  }
}
