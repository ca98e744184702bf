import { cutMiddle, orient } from './orientation.ts'
import { PictureError } from './picture-error.ts'
import type { PlannedTile } from './plan.ts'
import type { TileSheet } from './tile-painter.ts'
import { pixelsOfTiles, type TileSet } from './tile-set.ts'

/** Positions of tiles in a set by their IDs; the set may have grown since the plan was made. */
export function placesOf(tiles: TileSet): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (let index = 0; index < tiles.count; index++) places.set(tiles.credit(index).id, index)
  return places
}

/**
 * Positions of planned tiles in a set.
 * @throws PictureError `tile_missing`
 */
export function wantedTiles(planned: readonly PlannedTile[], places: ReadonlyMap<string, number>): number[] {
  return planned.map(({ id, source }) => {
    const index = places.get(id)
    if (index !== undefined) return index
    throw new PictureError(
      'tile_missing',
      `Expected a tile set with the tile ${source} (${id}), which the plan uses.`,
    )
  })
}

/**
 * Pixels of planned tiles at one size, in their orientations, in the plan's order.
 * @throws PictureError `tile_missing`
 */
export async function tileSheet(
  planned: readonly PlannedTile[],
  tiles: TileSet,
  width: number,
  height: number,
  places: ReadonlyMap<string, number> = placesOf(tiles),
): Promise<TileSheet> {
  const wanted = wantedTiles(planned, places)
  /* A photo in several orientations is read once. */
  const photos = [...new Set(wanted)]
  /* Turns the square, then crops it: the reverse order would show other parts. */
  const side = Math.max(width, height)
  const own = await pixelsOfTiles(tiles, photos, side, side)
  const isWanted = side === width && side === height && photos.length === planned.length
  if (isWanted && own.buffer instanceof SharedArrayBuffer && !planned.some(({ orientation }) => orientation))
    return { width, height, pixels: own as Uint8Array<SharedArrayBuffer> }
  const at = new Map(photos.map((index, i) => [index, i]))
  const square = side * side * 3
  const size = width * height * 3
  const turned = new Uint8Array(square)
  const pixels = new Uint8Array(new SharedArrayBuffer(planned.length * size))
  planned.forEach(({ orientation = 0 }, to) => {
    const from = at.get(wanted[to]!)! * square
    orient(own.subarray(from, from + square), side, orientation, turned, 0)
    cutMiddle(turned, side, width, height, pixels, to * size)
  })
  return { width, height, pixels }
}
