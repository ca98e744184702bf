import type { MosaicPlan } from './plan.ts'
import type { RenderTask } from './render.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import { tileSize } from './tile.ts'
import type { TileSet } from './tile-set.ts'
import { placesOf, tileSheet } from './tile-sheet.ts'
import { coneResponses, toneLength } from './tone.ts'

export type Region = Pick<RenderTask, 'halvings' | 'left' | 'top' | 'width' | 'height'>

/** What a thread needs to render a region of the mosaic. */
export type MosaicRenderer = (region: Region) => Promise<RenderTask>

/**
 * Makes the tiles in use ready to be rendered, at no more than the size that is kept of them: 70 MB for 5,500, however large
 * their cells are. Larger ones are enlarged for the cells of a region.
 *
 * @param halved whether regions of the halved mosaic will be asked for
 * @throws PictureError `tile_missing`
 */
export async function openRenderer(
  plan: MosaicPlan,
  tiles: TileSet,
  halved: boolean,
  run: RunOptions,
): Promise<MosaicRenderer> {
  const { cells, tones, grid } = plan
  const { columns, rows, cell } = grid
  /* Only sizes at which every halving has whole pixels are left to be enlarged. */
  let skipped = 0
  while (cell / 2 ** skipped > tileSize && (cell / 2 ** skipped) % 2 === 0) skipped++
  const places = placesOf(tiles)
  const sheet = await tileSheet(plan.tiles, tiles, cell / 2 ** skipped, places)
  const toned = tones !== undefined
  const shrunk =
    halved || toned
      ? await runOnThreads('shrinkTiles', [{ ...sheet, pyramid: halved, toned }], run)
      : [[sheet]]
  /* Shared, because a task is copied to its thread. */
  const allCells = new Uint32Array(new SharedArrayBuffer(cells.byteLength))
  allCells.set(cells)
  const picture = { sheets: shrunk[0]!, cells: allCells, tones, columns, rows }
  return async (region) =>
    region.halvings >= skipped
      ? { ...picture, ...region, halvings: region.halvings - skipped }
      : await cellsInView(plan, tiles, places, region)
}

/** A small mosaic of the cells that a region shows, their tiles enlarged. */
async function cellsInView(
  { tiles: planned, cells, tones, grid }: MosaicPlan,
  tiles: TileSet,
  places: ReadonlyMap<string, number>,
  region: Region,
): Promise<RenderTask> {
  const side = grid.cell / 2 ** region.halvings
  const left = Math.floor(region.left / side)
  const top = Math.floor(region.top / side)
  const columns = Math.ceil((region.left + region.width) / side) - left
  const rows = Math.ceil((region.top + region.height) / side) - top
  const seen = Array.from({ length: columns * rows }, (_, i) => {
    return (top + Math.floor(i / columns)) * grid.columns + left + (i % columns)
  })
  const used = [...new Set(seen.map((cell) => cells[cell]!))]
  const place = new Map(used.map((tile, i) => [tile, i]))
  const sheet = await tileSheet(
    used.map((tile) => planned[tile]!),
    tiles,
    side,
    places,
  )
  if (tones) {
    sheet.responses = new Uint16Array(new SharedArrayBuffer(sheet.pixels.length * 2))
    coneResponses(sheet.pixels, sheet.responses)
  }
  return {
    sheets: [sheet],
    cells: Uint32Array.from(seen, (cell) => place.get(cells[cell]!)!),
    tones:
      tones &&
      Int16Array.from(
        seen.flatMap((cell) => [...tones.subarray(cell * toneLength, (cell + 1) * toneLength)]),
      ),
    columns,
    rows,
    ...region,
    halvings: 0,
    left: region.left - left * side,
    top: region.top - top * side,
  }
}
