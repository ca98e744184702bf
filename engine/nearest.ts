import { checkpoint, type Shared } from './threads.ts'
import { featureLength } from './tile-set.ts'

export interface Candidates {
  /** How many tiles are kept for each cell. */
  keep: number
  /** `cells * keep` tiles, nearest first; equally near ones in the order of the tile set. */
  tiles: Int32Array<SharedArrayBuffer>
  /** Squared distance of each, the sum over all samples and channels. */
  costs: Float32Array<SharedArrayBuffer>
}

export interface NearestTask {
  cells: Float32Array
  tiles: Float32Array
  candidates: Candidates
  /** The cells to search for: first, and one past the last. */
  from: number
  to: number
  shared: Shared
}

export function makeCandidates(cells: number, keep: number): Candidates {
  return {
    keep,
    tiles: new Int32Array(new SharedArrayBuffer(cells * keep * 4)),
    costs: new Float32Array(new SharedArrayBuffer(cells * keep * 4)),
  }
}

/** On a thread: finds the exact nearest tiles of some cells and writes them to `candidates`. */
export function nearestTiles({ cells, tiles, candidates, from, to, shared }: NearestTask): void {
  const { keep } = candidates
  const count = tiles.length / featureLength
  for (let cell = from; cell < to; cell++) {
    const at = cell * keep
    const found = candidates.tiles.subarray(at, at + keep)
    const costs = candidates.costs.subarray(at, at + keep)
    costs.fill(Infinity)
    for (let tile = 0; tile < count; tile++) {
      const cost = Math.fround(squaredDistance(cells, cell, tiles, tile, costs[keep - 1]!))
      if (cost < costs[keep - 1]!) insert(found, costs, tile, cost)
    }
    checkpoint(shared, 1)
  }
}

function insert(found: Int32Array, costs: Float32Array, tile: number, cost: number): void {
  let place = costs.length - 1
  for (; place > 0 && costs[place - 1]! > cost; place--) {
    costs[place] = costs[place - 1]!
    found[place] = found[place - 1]!
  }
  costs[place] = cost
  found[place] = tile
}

/** Sum of squared differences over all samples and channels; gives up above `limit` with what it has by then. */
export function squaredDistance(
  cells: Float32Array,
  cell: number,
  tiles: Float32Array,
  tile: number,
  limit = Infinity,
): number {
  const a = cell * featureLength
  const b = tile * featureLength
  let sum = 0
  for (let i = 0; i < featureLength && sum <= limit; i += 3) {
    const L = cells[a + i]! - tiles[b + i]!
    const A = cells[a + i + 1]! - tiles[b + i + 1]!
    const B = cells[a + i + 2]! - tiles[b + i + 2]!
    sum += L * L + A * A + B * B
  }
  return sum
}
