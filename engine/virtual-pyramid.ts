import { mosaicSize } from './grid.ts'
import { openRenderer, type Target } from './mosaic-renderer.ts'
import type { MosaicPlan } from './plan.ts'
import { pyramidDescriptor, pyramidTileAt } from './pyramid.ts'
import { sharp } from './sharp.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import type { TileSet } from './tile-set.ts'

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

/**
 * Opens the pyramid of a plan: a second for the tiles in use at up to 64 px, however many gigapixels the mosaic has.
 *
 * @throws PictureError `tile_missing`
 */
export async function openVirtualPyramid(
  {
    plan,
    tiles,
    target,
    quality = 85,
  }: { plan: MosaicPlan; tiles: TileSet; target?: Target; quality?: number },
  run: RunOptions = {},
): Promise<VirtualPyramid> {
  const { width, height } = mosaicSize(plan.grid)
  const taskOf = await openRenderer(plan, tiles, true, run, target)
  return {
    descriptor: pyramidDescriptor(width, height),
    width,
    height,
    async tile(level, column, row) {
      const region = pyramidTileAt(width, height, level, column, row)
      if (!region) return undefined
      const [pixels] = await runOnThreads('renderPixels', [taskOf(region)], run)
      return await sharp(pixels!, { raw: { width: region.width, height: region.height, channels: 3 } })
        .jpeg({ quality })
        .toBuffer()
    },
  }
}
