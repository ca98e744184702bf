import { cutMiddle, orient } from './orientation.ts'
import { PictureError } from './picture-error.ts'
import type { PlannedTile } from './plan.ts'
import type { TileSheet } from './tile-painter.ts'
import { pixelsOfTiles, type TileSet } from './tile-set.ts'

/** Where a plan's tiles are in a set that may have grown since, by their IDs. */
export function placesOf(tiles: TileSet): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (let index = 0; index < tiles.count; index++) places.set(tiles.credit(index).id, index)
  return places
}

/**
 * Where planned tiles are in a set.
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
 * Pixels of planned tiles at one size, turned as the plan has them, in its order.
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
  /* A photo in eight orientations is read once. */
  const photos = [...new Set(wanted)]
  /* Turned as the square that is kept, then cut: a turned one shows other parts than one that is cut before. */
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
