import { LRUCache } from 'lru-cache'
import { mosaicSize } from './grid.ts'
import { type MosaicRenderer, openFarRenderer, openRenderer, type Target } from './mosaic-renderer.ts'
import type { MosaicPlan } from './plan.ts'
import { type PyramidTile, pyramidDescriptor, pyramidTileAt } from './pyramid.ts'
import type { Region } from './region.ts'
import { sharp } from './sharp.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import type { TileSet } from './tile-set.ts'

/** A Deep Zoom pyramid that is not stored: each tile is rendered from the plan on demand. */
export interface VirtualPyramid {
  /** The `.dzi` file. */
  descriptor: string
  width: number
  height: number
  /**
   * The same JPEG as in `composeMosaic`'s archive under `mosaic_files/<level>/<column>_<row>.jpg`; undefined
   * if there is no such tile. The first one that shows more than a few pixels of a photo waits until all
   * tiles in use have been read.
   */
  tile(level: number, column: number, row: number): Promise<Buffer | undefined>
}

/**
 * Distant tiles are few, the most expensive and the first that everybody views, so they are cached: up to 10
 * MB.
 */
const farTilesKept = 64

/**
 * Opens the pyramid of a plan. Takes some ms for distant views; the tiles in use, at up to 64 px, are read in
 * about a second after the first view, however many gigapixels the mosaic has.
 *
 * @throws PictureError `tile_missing`; `tile` also throws errors of reading the tiles' pixels
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
      /* Lets the next call try again. */
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
    /*
     * Viewers of a distant tile zoom in soon, so start reading. Errors are reported to whoever needs the
     * result.
     */
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
