import { type Place, placeOf } from './places.ts'
import type { MosaicPlan } from './plan.ts'

/** How a mosaic makes use of its library. A photo counts once, however it is turned. */
export interface TileUsage {
  /** Different photos. */
  tiles: number
  /** How many of them are used `from` to `to` times: once, twice, 3 or 4 times, 5 to 8 and so on. */
  histogram: { from: number; to: number; tiles: number }[]
  /** Cells that show a photo which another cell shows before them, row by row. */
  repeats: number
  /** Distance in cells from a photo to its nearest repetition, like moves of a chess king; absent if there is none. */
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
 * In cells of the smaller one's size, where they differ: how far to go from a cell to one whose distance rule allows the same photo.
 *
 * @param cells of each photo, ascending
 */
function nearestRepetition(cells: number[][], grid: MosaicPlan['grid']): number {
  let nearest = Infinity
  const largest = grid.places?.[2] ?? 1
  /* Who is used most has the nearest repetitions, and the nearer they are, the fewer others have to be looked at. */
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

/** A chess king's, of the smaller one's size: 1 for neighbours. */
function stepsBetween(one: Place, other: Place): number {
  const across = Math.max(other.column - one.column - one.side, one.column - other.column - other.side)
  const down = Math.max(other.row - one.row - one.side, one.row - other.row - other.side)
  return Math.floor(Math.max(across, down) / Math.min(one.side, other.side)) + 1
}
