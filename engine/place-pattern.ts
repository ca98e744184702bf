/**
 * A way to fill placed cells that always works, for libraries so small that the greedy choice may run out of
 * tiles: cells are divided into classes, any two cells of a class far enough apart to hold the same tile, and
 * each class gets its own tiles.
 */
import { type PlacesTask, turnOf } from './assign-places.ts'
import { checkpoint } from './checkpoint.ts'
import { ownTileTaker } from './choose-tile.ts'
import { cellCount, type PlacedGrid } from './places.ts'

/** Cells of one size repeat a window of `distance + 1` cells a side; each size has its own classes. */
function classesOf({ places }: PlacedGrid, distance: number): { of: Uint32Array; sizes: number[] } {
  const numbers = new Map<string, number>()
  const sizes: number[] = []
  const of = Uint32Array.from({ length: places.length / 3 }, (_, cell) => {
    const side = places[cell * 3 + 2]!
    const x = Math.floor(places[cell * 3]! / side) % (distance + 1)
    const y = Math.floor(places[cell * 3 + 1]! / side) % (distance + 1)
    const name = `${side} ${x} ${y}`
    const number = numbers.get(name) ?? numbers.size
    numbers.set(name, number)
    sizes[number] = (sizes[number] ?? 0) + 1
    return number
  })
  return { of, sizes }
}

/**
 * The number of different tiles (groups of near-duplicates count once) that can fill placed cells for any
 * picture. Fewer may suffice where cells of several sizes are adjacent, which only trying can tell.
 *
 * @param most maximum uses of a tile
 */
export function sufficientLibrary(grid: PlacedGrid, distance: number, most = Infinity): number {
  const cells = cellCount(grid)
  if (most === 1) return cells
  /* Largest first, at most this many neighbours chose before a cell. */
  const around = most === Infinity ? (2 * distance + 1) ** 2 : Infinity
  const apart = classesOf(grid, distance).sizes.reduce((sum, size) => sum + tilesFor(size, most), 0)
  return Math.min(cells, around, apart)
}

/** Tiles needed by a class of this many cells. */
const tilesFor = (cells: number, most: number) => Math.max(1, Math.ceil(cells / most))

/**
 * Thread task: each cell takes the nearest tile of its class. Needs at least {@link sufficientLibrary} tiles.
 */
export function assignPlacesByPattern(task: PlacesTask): void {
  const { grid, distance, groups, space, from, to, shared, most = Infinity } = task
  const classes = classesOf(grid, distance)
  const positions = shareOut(space.tileAt, groups, classes.sizes, most)
  const take = ownTileTaker({ ...task, firstCell: from }, most)
  for (let cell = from; cell < to; cell++) {
    take(cell, positions[classes.of[cell]!]!)
    if ((cell - from) % turnOf === 0) checkpoint(shared, Math.min(turnOf, to - cell))
  }
}

/**
 * Positions of tiles by class: groups are dealt out round-robin, dark to light, first to classes that lack
 * tiles.
 */
function shareOut(tileAt: Uint32Array, groups: Uint32Array, sizes: number[], most: number): number[][] {
  const byLightness = [...new Set(Array.from(tileAt, (tile) => groups[tile]!))]
  const wanted = sizes.map((size) => tilesFor(size, most))
  let short = wanted.reduce((sum, count) => sum + count, 0)
  const classOf = new Map<number, number>()
  let next = 0
  for (const group of byLightness) {
    while (short > 0 && wanted[next]! <= 0) next = (next + 1) % sizes.length
    classOf.set(group, next)
    if (wanted[next]!-- > 0) short--
    next = (next + 1) % sizes.length
  }
  const positions: number[][] = sizes.map(() => [])
  for (const [position, tile] of tileAt.entries()) positions[classOf.get(groups[tile]!)!]!.push(position)
  return positions
}
