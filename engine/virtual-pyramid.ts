import type { MosaicPlan } from './plan.ts'
import { type PyramidTile, pyramidDescriptor, pyramidTileAt } from './pyramid.ts'
import type { RenderTask } from './render.ts'
import { sharp } from './sharp.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import { tileSize } from './tile.ts'
import type { TileSet } from './tile-set.ts'
import { placesOf, tileSheet } from './tile-sheet.ts'
import { coneResponses, toneLength } from './tone.ts'

/** A Deep Zoom pyramid that is not there: each of its tiles is rendered from the plan when somebody looks. */
export interface VirtualPyramid {
  /** The `.dzi` file. */
  descriptor: string
  width: number
  height: number
  /**
   * The JPEG `composeMosaic` would have put into the archive as `mosaic_files/<level>/<column>_<row>.jpg`; undefined when
   * there is no such tile.
   */
  tile(level: number, column: number, row: number): Promise<Buffer | undefined>
}

/** Pixels of cells that are larger than the tiles that are kept: enlarged for the few cells in view. */
const sharpestShared = tileSize

/**
 * Opens the pyramid of a plan: a second for the tiles in use at up to 64 px, however many gigapixels the mosaic has.
 *
 * @throws PictureError `tile_missing`
 */
export async function openVirtualPyramid(
  { plan, tiles, quality = 85 }: { plan: MosaicPlan; tiles: TileSet; quality?: number },
  run: RunOptions = {},
): Promise<VirtualPyramid> {
  const { cells, tones, grid } = plan
  const { columns, rows, cell } = grid
  const width = columns * cell
  const height = rows * cell
  /* Whole pixels at each halving, down to a size that all tiles can be held at. */
  let skipped = 0
  while (cell / 2 ** skipped > sharpestShared && (cell / 2 ** skipped) % 2 === 0) skipped++
  const places = placesOf(tiles)
  const shared = await tileSheet(plan.tiles, tiles, cell / 2 ** skipped, places)
  const [sheets] = await runOnThreads(
    'shrinkTiles',
    [{ ...shared, pyramid: true, toned: tones !== undefined }],
    run,
  )
  /* Shared, because a task is copied to its thread for each tile. */
  const allCells = new Uint32Array(new SharedArrayBuffer(cells.byteLength))
  allCells.set(cells)
  const picture = { sheets: sheets!, cells: allCells, tones, columns, rows }

  return {
    descriptor: pyramidDescriptor(width, height),
    width,
    height,
    async tile(level, column, row) {
      const region = pyramidTileAt(width, height, level, column, row)
      if (!region) return undefined
      const { halvings } = region
      const task =
        halvings >= skipped
          ? { ...picture, ...region, halvings: halvings - skipped }
          : await cellsInView(plan, tiles, places, region)
      const [pixels] = await runOnThreads('renderRegion', [task], run)
      return await sharp(pixels!, { raw: { width: region.width, height: region.height, channels: 3 } })
        .jpeg({ quality })
        .toBuffer()
    },
  }
}

/** A small mosaic of the cells that a region shows, their tiles enlarged. */
async function cellsInView(
  { tiles: planned, cells, tones, grid }: MosaicPlan,
  tiles: TileSet,
  places: ReadonlyMap<string, number>,
  region: PyramidTile,
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
