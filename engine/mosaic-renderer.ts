import { availableParallelism } from 'node:os'
import { describedTiles } from './described-tiles.ts'
import { cellHeight, mosaicSize } from './grid.ts'
import { responsesFor, sheetsFor } from './halved-tiles.ts'
import { firstLevel, lastLevel, levelFor, type Size, tileSizeAt, wholeLevel } from './levels.ts'
import { type Overlay, overlayOf } from './overlay.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import { readPixels } from './pixels.ts'
import { isPlaced, ownersOf } from './places.ts'
import type { MosaicPlan } from './plan.ts'
import { ranges } from './ranges.ts'
import type { Region } from './region.ts'
import type { MosaicPicture, RenderTask } from './render.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import type { PaintedTiles, TileSheet } from './tile-painter.ts'
import { keptSize } from './tile-pixels.ts'
import { samplesPerSide, type TileSet } from './tile-set.ts'
import { placesOf, tileSheet, wantedTiles } from './tile-sheet.ts'

/** The original picture, needed for an overlay (`cheat`). */
export interface Target {
  bytes: Uint8Array
  limits?: PictureLimits | undefined
}

/** Creates the task that renders a region of the mosaic on a thread. */
export type MosaicRenderer = (region: Region) => RenderTask

/**
 * Prepares the tiles in use for rendering, at no more than their kept size: 70 MB for 5,500 tiles, however
 * large the cells are. Larger cells are painted by enlarging.
 *
 * @param halved whether regions of the halved mosaic will be requested
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
  const { cell, kept, largest, first, described, last } = levelsOf(plan.grid)
  const places = placesOf(tiles)
  const toned = plan.tones !== undefined
  /* Cells up to the kept size get tiles of exactly their size; larger ones are enlarged from the kept pixels. */
  const from = first === largest ? tileSizeAt(cell, first) : kept
  const own = await tileSheet(plan.tiles, tiles, from.width, from.height, places)
  const sheet = toned ? { ...own, responses: responsesFor(own.pixels) } : own
  const begin = tileSizeAt(cell, first)
  const isFirst = begin.width === from.width && begin.height === from.height
  const read = sizesAt(cell, isFirst ? first + 1 : first, halved ? described : 1)
  const sheets = sheetsFor(plan.tiles.length, read, toned)
  if (toned || sheets.length > 0) await halve(sheet, sheets, plan.tiles.length, run)
  if (isFirst) sheets.unshift(sheet)
  const far = halved ? sizesAt(cell, described, last + 1) : []
  sheets.push(...describedTiles(plan.tiles, wantedTiles(plan.tiles, places), tiles, far, toned))
  const painted = { cell, sheets, firstSheet: first, kept: first === largest ? undefined : sheet }
  return rendererOf(plan, painted, await overlayFor(plan, target))
}

/** Renders what needs no pixels of tiles; `shows` tells whether a region is of this kind. */
export interface FarRenderer {
  taskOf: MosaicRenderer
  shows: (region: Pick<Region, 'halvings'>) => boolean
}

/**
 * The same for levels with few pixels per cell, rendered from the tiles' descriptions and therefore available
 * at once.
 * @throws PictureError `tile_missing`, `target_needed`
 */
export async function openFarRenderer(
  plan: MosaicPlan,
  tiles: TileSet,
  target?: Target,
): Promise<FarRenderer> {
  const { cell, largest, described, last } = levelsOf(plan.grid)
  const toned = plan.tones !== undefined
  const wanted = wantedTiles(plan.tiles, placesOf(tiles))
  const sheets = describedTiles(plan.tiles, wanted, tiles, sizesAt(cell, described, last + 1), toned)
  const taskOf = rendererOf(plan, { cell, sheets, firstSheet: described }, await overlayFor(plan, target))
  const levelOf = isPlaced(plan.grid) ? Math.min(wholeLevel(cell), last) : last
  return {
    taskOf,
    shows: ({ halvings }) => Math.min(levelFor(cell, halvings), levelOf) + largest >= described,
  }
}

/** Which levels have their own tiles, and how they are made: see `engine/levels.ts`. */
function levelsOf(grid: MosaicPlan['grid']) {
  const cell = { width: grid.cell, height: cellHeight(grid) }
  const kept = keptSize(cell.width, cell.height)
  /* Cells larger than 1 are painted like a mosaic that is larger by their side: at negative levels. */
  const largest = -Math.log2(largestSide(grid))
  const first = firstLevel(cell, kept, largest)
  const last = lastLevel(cell)
  /* Descriptions are of whole tiles; a cell that is not square shows a crop. */
  const isSquare = cell.width === cell.height
  const few = Math.ceil(Math.log2(cell.width / samplesPerSide))
  const described = isSquare ? Math.max(first + 1, few, 1) : last + 1
  return { cell, kept, largest, first, described, last }
}

/** Sizes at levels `from` to `end` (exclusive). */
const sizesAt = (cell: Size, from: number, end: number): Size[] =>
  Array.from({ length: Math.max(0, end - from) }, (_, i) => tileSizeAt(cell, from + i))

async function halve(from: TileSheet, sheets: TileSheet[], count: number, run: RunOptions): Promise<void> {
  const perThread = Math.ceil(count / (run.threads ?? availableParallelism()))
  const tasks = ranges(count, perThread).map(([first, end]) => ({ from, sheets, first, end }))
  await runOnThreads('halveTiles', tasks, run)
}

function rendererOf(
  { grid, cells, tones, options }: MosaicPlan,
  tiles: PaintedTiles,
  overlay: Overlay | undefined,
): MosaicRenderer {
  /* Shared, because tasks are copied to their threads. */
  const shared = new Uint32Array(new SharedArrayBuffer(cells.byteLength))
  shared.set(cells)
  const picture: MosaicPicture = {
    ...{ ...tiles, tones, grid, overlay },
    cells: shared,
    owners: isPlaced(grid) ? ownersOf(grid) : undefined,
    background: options.background === undefined ? undefined : rgbOf(options.background),
  }
  return (region) => ({ ...picture, ...region })
}

async function overlayFor({ options, grid }: MosaicPlan, target?: Target): Promise<Overlay | undefined> {
  if (options.cheat === 0) return undefined
  if (!target)
    throw new PictureError('target_needed', 'The original picture is needed as the overlay of the mosaic.')
  const pixels = await readPixels(target.bytes, target.limits)
  const { width, height } = mosaicSize(grid)
  return overlayOf(pixels, width, height, options.cheat)
}

const rgbOf = (colour: string) =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number, number]

function largestSide({ places }: MosaicPlan['grid']): number {
  /* Places are sorted, largest first. */
  return places?.[2] ?? 1
}
