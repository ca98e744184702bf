import { cellHeight, type Grid, mosaicSize } from './grid.ts'
import { quarterHeight } from './hexagons.ts'
import { openFarRenderer, openRenderer } from './mosaic-renderer.ts'
import type { MosaicPlan } from './plan.ts'
import { type Sharp, sharp } from './sharp.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import type { TileSet } from './tile-set.ts'

/** Tiles are read at the size that most mosaics have them: whoever opened the library has them at hand. */
const cell = 32

/**
 * The whole mosaic, small, straight from its plan: the large one need not be there, and no more is rendered than is shown.
 * Shrunk in linear light, as the pyramid is, so that it has the colours that the tiles were chosen by.
 *
 * @param longest of its sides, pixels. It gets no larger than tiles of 32 px make it
 * @returns a picture to be encoded
 * @throws PictureError `tile_missing`; `signal.reason` of an abort
 */
export async function smallMosaic(
  { plan, tiles, longest }: { plan: MosaicPlan; tiles: TileSet; longest: number },
  run: RunOptions = {},
): Promise<Sharp> {
  const grid = gridOf32(plan.grid)
  const size = mosaicSize(grid)
  const full = Math.max(size.width, size.height)
  /* The last halving that is not smaller than what is wanted: the rest of the way is the resizer's. */
  const halvings = Math.max(0, Math.floor(Math.log2(full / longest)))
  const width = Math.ceil(size.width / 2 ** halvings)
  const height = Math.ceil(size.height / 2 ** halvings)
  /* Without what is laid over it: the photo is not at hand. */
  const options = { ...plan.options, cheat: 0 }
  const region = { halvings, left: 0, top: 0, width, height }
  const small = { ...plan, options, grid }
  const far = await openFarRenderer(small, tiles)
  const taskOf = far.shows(region) ? far.taskOf : await openRenderer(small, tiles, halvings > 0, run)
  const [pixels] = await runOnThreads('renderPixels', [taskOf(region)], run)
  return sharp(pixels!, { raw: { width, height, channels: 3 } }).resize(longest, longest, {
    fit: 'inside',
    withoutEnlargement: true,
  })
}

/** The same cells, 32 px wide. */
export function gridOf32(grid: Grid): Grid {
  if (grid.layout === 'hexagons') return { ...grid, cell, cellHeight: quarterHeight(cell) * 4 }
  const { cellHeight: _, ...square } = grid
  const height = Math.max(1, Math.round((cell * cellHeight(grid)) / grid.cell))
  return { ...square, cell, ...(height !== cell && { cellHeight: height }) }
}
