import { LRUCache } from 'lru-cache'
import { mosaicSize } from './grid.ts'
import { type MosaicRenderer, openFarRenderer, openRenderer, type Target } from './mosaic-renderer.ts'
import type { MosaicPlan } from './plan.ts'
import { type PyramidTile, pyramidDescriptor, pyramidTileAt } from './pyramid.ts'
import type { Region } from './region.ts'
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
   * there is no such tile. The first one that shows more of a tile than a few pixels waits until all in use are read.
   */
  tile(level: number, column: number, row: number): Promise<Buffer | undefined>
}

/**
 * Tiles that show most of the mosaic at once are few, cost the most, and are the first that everybody sees: those already
 * made are kept, up to 10 MB.
 */
const farTilesKept = 64

/**
 * Opens the pyramid of a plan: some ms for what is seen from afar, a second for the tiles in use at up to 64 px, which are read
 * once the first view is there, however many gigapixels the mosaic has.
 *
 * @throws PictureError `tile_missing`; `tile` throws what reading the tiles' pixels does
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
  const far = await openFarRenderer(plan, tiles, target)
  let reading: Promise<MosaicRenderer> | undefined
  const near = () => {
    reading ??= openRenderer(plan, tiles, true, run, target).catch((error) => {
      /* Asked again, it tries again. */
      reading = undefined
      throw error
    })
    return reading
  }
  const made = async (region: Region, taskOf: MosaicRenderer) => {
    const [pixels] = await runOnThreads('renderPixels', [taskOf(region)], run)
    const raw = { width: region.width, height: region.height, channels: 3 as const }
    return await sharp(pixels!, { raw }).jpeg({ quality }).toBuffer()
  }
  const kept = new LRUCache<string, Buffer>({ max: farTilesKept })
  const madeFar = async (region: PyramidTile) => {
    const jpeg = kept.get(region.name) ?? (await made(region, far.taskOf))
    kept.set(region.name, jpeg)
    /* Who looks from afar comes nearer soon. What fails then is told to who does. */
    near().catch(() => {})
    return jpeg
  }
  return {
    descriptor: pyramidDescriptor(width, height),
    width,
    height,
    async tile(level, column, row) {
      const region = pyramidTileAt(width, height, level, column, row)
      if (!region) return undefined
      return far.shows(region) ? await madeFar(region) : await made(region, await near())
    },
  }
}
