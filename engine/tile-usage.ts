import { type Place, placeOf } from './places.ts'
import type { MosaicPlan } from './plan.ts'

/** How a mosaic uses its library. A photo counts once, whatever its orientation. */
export interface TileUsage {
  /** Number of different photos. */
  tiles: number
  /** How many photos are used `from` to `to` times: once, twice, 3 or 4 times, 5 to 8 and so on. */
  histogram: { from: number; to: number; tiles: number }[]
  /** Number of cells whose photo already appears in an earlier cell. */
  repeats: number
  /** Smallest Chebyshev distance in cells between two uses of a photo; absent if there are none. */
  nearest?: number
}

export function tileUsage({ tiles, cells, grid }: Pick<MosaicPlan, 'tiles' | 'cells' | 'grid'>): TileUsage {
  const photos = new Map<string, number>()
  const photoOf = tiles.map(({ id }) => {
    if (!photos.has(id)) photos.set(id, photos.size)
    return photos.get(id)!
  })
  const cellsOf: number[][] = Array.from(photos, () => [])
  cells.forEach((tile, cell) => {
    if (tile < photoOf.length) cellsOf[photoOf[tile]!]!.push(cell)
  })
  const uses = cellsOf.map(({ length }) => length).filter((count) => count > 0)
  const histogram: TileUsage['histogram'] = []
  for (let from = 1, to = 1; from <= Math.max(0, ...uses); from = to + 1, to *= 2)
    histogram.push({ from, to, tiles: uses.filter((count) => count >= from && count <= to).length })
  const shown = uses.reduce((sum, count) => sum + count, 0)
  const nearest = nearestRepetition(cellsOf, grid)
  return {
    tiles: uses.length,
    histogram,
    repeats: shown - uses.length,
    ...(nearest < Infinity && { nearest }),
  }
}

/**
 * For cells of different sizes, in units of the smaller one's side.
 *
 * @param cells of each photo, ascending
 */
function nearestRepetition(cells: number[][], grid: MosaicPlan['grid']): number {
  let nearest = Infinity
  const largest = grid.places?.[2] ?? 1
  /* The most used photos have the closest repetitions, and a small distance prunes the rest. */
  for (const own of cells.toSorted((a, b) => b.length - a.length)) {
    const spots = own.map((cell) => placeOf(grid, cell)).sort((a, b) => a.row - b.row || a.column - b.column)
    for (const [i, one] of spots.entries()) {
      for (let j = i + 1; j < spots.length; j++) {
        const other = spots[j]!
        if (other.row - one.row - one.side >= nearest * largest) break
        nearest = Math.min(nearest, stepsBetween(one, other))
      }
      if (nearest === 1) return 1
    }
  }
  return nearest
}

/** Chebyshev distance in units of the smaller cell: 1 for neighbours. */
function stepsBetween(one: Place, other: Place): number {
  const across = Math.max(other.column - one.column - one.side, one.column - other.column - other.side)
  const down = Math.max(other.row - one.row - one.side, one.row - other.row - other.side)
  return Math.floor(Math.max(across, down) / Math.min(one.side, other.side)) + 1
}
