import type { MosaicPlan } from './plan.ts'

/** How a mosaic makes use of its library. A photo counts once, however it is turned. */
export interface TileUsage {
  /** Different photos. */
  tiles: number
  /** How many of them are used `from` to `to` times: once, twice, 3 or 4 times, 5 to 8 and so on. */
  histogram: { from: number; to: number; tiles: number }[]
  /** Cells that show a photo which another cell shows before them, row by row. */
  repeats: number
  /** Cells from a photo to its nearest repetition, as a chess king moves; absent when there is none. */
  nearest?: number
}

export function tileUsage({ tiles, cells, grid }: Pick<MosaicPlan, 'tiles' | 'cells' | 'grid'>): TileUsage {
  const photos = new Map<string, number>()
  const photoOf = tiles.map(({ id }) => {
    if (!photos.has(id)) photos.set(id, photos.size)
    return photos.get(id)!
  })
  const places: number[][] = Array.from(photos, () => [])
  cells.forEach((tile, cell) => {
    if (tile < photoOf.length) places[photoOf[tile]!]!.push(cell)
  })
  const uses = places.map(({ length }) => length).filter((count) => count > 0)
  const histogram: TileUsage['histogram'] = []
  for (let from = 1, to = 1; from <= Math.max(0, ...uses); from = to + 1, to *= 2)
    histogram.push({ from, to, tiles: uses.filter((count) => count >= from && count <= to).length })
  const shown = uses.reduce((sum, count) => sum + count, 0)
  const nearest = nearestRepetition(places, grid.columns)
  return {
    tiles: uses.length,
    histogram,
    repeats: shown - uses.length,
    ...(nearest < Infinity && { nearest }),
  }
}

/** @param places of each photo, ascending */
function nearestRepetition(places: number[][], columns: number): number {
  let nearest = Infinity
  /* Who is used most has the nearest repetitions, and the nearer they are, the fewer others have to be looked at. */
  for (const cells of places.toSorted((a, b) => b.length - a.length))
    for (const [i, cell] of cells.entries()) {
      const [x, y] = [cell % columns, Math.floor(cell / columns)]
      for (let j = i + 1; j < cells.length; j++) {
        const down = Math.floor(cells[j]! / columns) - y
        if (down >= nearest) break
        nearest = Math.min(nearest, Math.max(down, Math.abs((cells[j]! % columns) - x)))
      }
      if (nearest === 1) return 1
    }
  return nearest
}
