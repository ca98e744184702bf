import { cellHeight, mosaicSize } from './grid.ts'
import { type Overlay, overlayOf } from './overlay.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import { isPlaced, ownersOf } from './places.ts'
import type { MosaicPlan } from './plan.ts'
import type { MosaicPicture, Region, RenderTask } from './render.ts'
import { readPixels } from './target.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import { keptSize } from './tile-pixels.ts'
import type { TileSet } from './tile-set.ts'
import { placesOf, tileSheet } from './tile-sheet.ts'

/** The picture file that a mosaic is of: needed where it is laid over it. */
export interface Target {
  bytes: Uint8Array
  limits?: PictureLimits | undefined
}

/** What a thread needs to render a region of the mosaic. */
export type MosaicRenderer = (region: Region) => RenderTask

/**
 * Makes the tiles in use ready to be rendered, at no more than the size that is kept of them: 70 MB for 5,500, however large
 * their cells are. Larger cells are painted from those.
 *
 * @param halved whether regions of the halved mosaic will be asked for
 * @param target needed for a plan with `cheat`
 * @throws PictureError `tile_missing`, `target_needed`
 */
export async function openRenderer(
  plan: MosaicPlan,
  tiles: TileSet,
  halved: boolean,
  run: RunOptions,
  target?: Target,
): Promise<MosaicRenderer> {
  const { cells, tones, grid } = plan
  const cell = { width: grid.cell, height: cellHeight(grid) }
  const kept = keptSize(cell.width, cell.height)
  const places = placesOf(tiles)
  const toned = tones !== undefined
  const sheetsOf = async (width: number, height: number, pyramid: boolean) => {
    const sheet = await tileSheet(plan.tiles, tiles, width, height, places)
    if (!pyramid && !toned) return [sheet]
    return (await runOnThreads('halveTiles', [{ ...sheet, pyramid, toned }], run))[0]!
  }
  /* Larger cells are painted as all of them would be, were the mosaic larger. */
  const largest = largestSide(grid)
  const isEnlarged = cell.width * largest > kept.width || cell.height * largest > kept.height
  const firstSheet = largest > 1 ? -doublingsUntil(cell, kept, largest) : halvingsUntil(cell, kept)
  const sheets =
    firstSheet <= 0 || (halved && firstSheet < Infinity)
      ? await sheetsOf(cell.width / 2 ** firstSheet, cell.height / 2 ** firstSheet, halved || firstSheet < 0)
      : []
  const isKept = sheets[0]?.width === kept.width && sheets[0].height === kept.height
  const [enlarged] = !isEnlarged ? [] : isKept ? sheets : await sheetsOf(kept.width, kept.height, false)
  /* Shared, because a task is copied to its thread. */
  const allCells = new Uint32Array(new SharedArrayBuffer(cells.byteLength))
  allCells.set(cells)
  const picture: MosaicPicture = {
    ...{ cell, sheets, firstSheet, tones, grid },
    cells: allCells,
    kept: enlarged,
    owners: isPlaced(grid) ? ownersOf(grid) : undefined,
    background: plan.options.background === undefined ? undefined : rgbOf(plan.options.background),
    overlay: await overlayFor(plan, target),
  }
  return (region) => ({ ...picture, ...region })
}

async function overlayFor({ options, grid }: MosaicPlan, target?: Target): Promise<Overlay | undefined> {
  if (options.cheat === 0) return undefined
  if (!target)
    throw new PictureError('target_needed', 'Expected the picture that the mosaic is of, to be laid over it.')
  const pixels = await readPixels(target.bytes, target.limits)
  const { width, height } = mosaicSize(grid)
  return overlayOf(pixels, width, height, options.cheat)
}

const rgbOf = (colour: string) =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number, number]

function largestSide({ places }: MosaicPlan['grid']): number {
  /* The first is the largest. */
  return places?.[2] ?? 1
}

/** How often a cell is doubled until it is as large as what is kept of a tile, or as the largest cell; below 0 for one that is larger. */
function doublingsUntil(
  cell: { width: number; height: number },
  kept: { width: number; height: number },
  largest: number,
): number {
  const halvings = halvingsUntil(cell, kept)
  if (halvings > 0) return -halvings
  const most = Math.min(largest, Math.floor(kept.width / cell.width), Math.floor(kept.height / cell.height))
  return Math.max(0, Math.floor(Math.log2(most)))
}

/** How often a cell is halved until it is no larger than what is kept of a tile; Infinity when it has no whole pixels there. */
function halvingsUntil(
  cell: { width: number; height: number },
  kept: { width: number; height: number },
): number {
  for (let halvings = 0; ; halvings++) {
    const [width, height] = [cell.width / 2 ** halvings, cell.height / 2 ** halvings]
    if (!Number.isInteger(width) || !Number.isInteger(height)) return Infinity
    if (width <= kept.width && height <= kept.height) return halvings
  }
}
