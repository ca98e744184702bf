import { type Grid, mosaicSize } from './grid.ts'
import type { Mask } from './mask.ts'
import { type MosaicOptions, mosaicOptions, parseOptions } from './options.ts'
import { asPictureError, openPicture, type PictureLimits } from './picture.ts'
import { planMosaic } from './plan-mosaic.ts'
import { usualDetail } from './quadtree.ts'
import { gridOf32, smallMosaic } from './small-mosaic.ts'
import type { TileSet } from './tile-set.ts'

/** This many cells are planned in less than a second on one thread, with 6,000 tiles. */
export const previewCells = 4_800
/** A global search takes as long for a quarter of the cells. */
const globalCells = 1_200
/** Pixels of the target per cell side: as many as matching uses. */
const targetCell = 8

export interface PreviewInput {
  /** A picture file; may be much smaller than the original photo. */
  target: Uint8Array
  /** Of the final mosaic. */
  grid: Grid
  /** Where cells are allowed. Absent: everywhere. */
  mask?: Mask
  tiles: TileSet
  options: Partial<
    Pick<
      MosaicOptions,
      'distance' | 'most' | 'search' | 'flips' | 'tone' | 'layout' | 'detail' | 'background'
    >
  >
  /** Of the longer side, pixels. */
  longest: number
  limits?: PictureLimits
  signal?: AbortSignal
  threads?: number
}

export interface MosaicPreview {
  /** WebP. */
  bytes: Buffer
  width: number
  height: number
  /** Of the preview: fewer than requested if that is more than {@link previewCells}. */
  columns: number
  rows: number
}

/**
 * A small version of a mosaic: the same matching with the same rules, on a grid of at most
 * {@link previewCells} cells, or a quarter of them with a global search.
 *
 * @throws PictureError like `planMosaic`; `signal.reason` soon after an abort
 */
export async function previewMosaic(input: PreviewInput): Promise<MosaicPreview> {
  const { target, tiles, longest, limits, signal, threads } = input
  const small = gridOf32(coarser(input.grid, cellsFor(input.options)))
  /* The flattest possible cells would round to less than the minimum height. */
  const grid = small.cellHeight === 1 ? { ...small, cellHeight: 2 } : small
  const { width, height } = mosaicSize(grid)
  const scale = grid.cell / targetCell
  const across = Math.round(width / scale)
  const down = Math.round(height / scale)
  const shrunk = await openPicture(target, limits)
    .resize(across, down, { fit: 'fill' })
    .png({ compressionLevel: 1 })
    .toBuffer()
    .catch((error) => {
      throw asPictureError(error)
    })
  const { cell, cellHeight, layout } = grid
  const shape = { cell, ...(!layout && cellHeight !== undefined && { cellHeight }) }
  const options = parseOptions(mosaicOptions, { ...input.options, ...shape, scale })
  const run = { ...(signal && { signal }), ...(threads !== undefined && { threads }) }
  const plan = await planMosaic({ target: shrunk, mask: input.mask, tiles, options, ...run })
  const { columns, rows } = plan.grid
  const picture = await smallMosaic({ plan, tiles, longest }, run)
  const { data, info } = await picture.webp({ quality: 70, effort: 1 }).toBuffer({ resolveWithObject: true })
  return { bytes: data, width: info.width, height: info.height, columns, rows }
}

/** A quadtree has fewer cells than its grid, so its grid may have more. */
function cellsFor({ search, layout, detail = usualDetail }: PreviewInput['options']): number {
  const most = search === 'global' ? globalCells : previewCells
  return layout === 'quadtree' ? most / Math.max(0.25, detail / 100) : most
}

/** Reduces the number of cells, keeping the shape. */
function coarser(grid: Grid, most: number): Grid {
  const factor = Math.min(1, Math.sqrt(most / (grid.columns * grid.rows)))
  const fewer = (cells: number) => Math.max(1, Math.floor(cells * factor))
  return { ...grid, columns: fewer(grid.columns), rows: fewer(grid.rows) }
}
