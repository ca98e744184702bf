/** Where the cells of a mosaic are. */
import type { Grid } from './grid.ts'
import { insideMask, type Mask } from './mask.ts'
import type { MosaicOptions } from './options.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import type { Pixels } from './pixels.ts'
import { inPlaceOrder, type Place } from './places.ts'
import { usualDetail } from './quadtree.ts'
import { type RunOptions, runOnThreads } from './threads.ts'

export interface LayInput {
  grid: Grid
  options: Pick<MosaicOptions, 'layout' | 'detail' | 'cheat'>
  target: Pixels
  /** The target as a file. */
  bytes: Uint8Array
  mask?: Mask | undefined
  limits?: PictureLimits | undefined
}

/**
 * The grid, with places unless it is complete and uniform. A mask that leaves nothing out changes nothing.
 *
 * @throws PictureError `mask_unusable`, `invalid_option`
 */
export async function layCells(input: LayInput, run: RunOptions): Promise<Grid> {
  const { grid, options, target, bytes, mask, limits } = input
  if (mask !== undefined && options.cheat > 0)
    throw new PictureError(
      'invalid_option',
      'cheat cannot be combined with a mask: the picture would cover what the mask leaves empty.',
    )
  const inside = mask === undefined ? undefined : await insideMask(mask, bytes, grid, limits)
  if (options.layout === 'quadtree') {
    const { columns, rows } = grid
    const detail = options.detail ?? usualDetail
    const task = { ...target, columns, rows, detail, inside }
    const [places] = await runOnThreads('layQuadtree', [task], run)
    return { ...grid, places: places! }
  }
  if (!inside?.includes(0)) return grid
  const list: Place[] = []
  inside.forEach((there, cell) => {
    if (there) list.push({ column: cell % grid.columns, row: Math.floor(cell / grid.columns), side: 1 })
  })
  return { ...grid, places: inPlaceOrder(list) }
}
