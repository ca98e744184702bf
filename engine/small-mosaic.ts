import { cellHeight, type Grid, mosaicSize } from './grid.ts'
import { quarterHeight } from './hexagons.ts'
import { openFarRenderer, openRenderer } from './mosaic-renderer.ts'
import type { MosaicPlan } from './plan.ts'
import { type Sharp, sharp } from './sharp.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import type { TileSet } from './tile-set.ts'

/** The tile size of most mosaics, already in memory where a library is open. */
const cell = 32

/**
 * A small version of the whole mosaic, rendered directly from its plan without the large picture. Shrunk in
 * linear light, like the pyramid, so that it has the colours its tiles were chosen by.
 *
 * @param longest longer side, pixels; limited by what tiles of 32 px give
 * @returns a picture to encode
 * @throws PictureError `tile_missing`; `signal.reason` of an abort
 */
export async function smallMosaic(
  { plan, tiles, longest }: { plan: MosaicPlan; tiles: TileSet; longest: number },
  run: RunOptions = {},
): Promise<Sharp> {
  const grid = gridOf32(plan.grid)
  const size = mosaicSize(grid)
  const full = Math.max(size.width, size.height)
  /* The last halving that is not too small; resizing does the rest. */
  const halvings = Math.max(0, Math.floor(Math.log2(full / longest)))
  const width = Math.ceil(size.width / 2 ** halvings)
  const height = Math.ceil(size.height / 2 ** halvings)
  /* Without overlay, because the photo is not available here. */
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

/** The same grid with cells 32 px wide. */
export function gridOf32(grid: Grid): Grid {
  if (grid.layout === 'hexagons') return { ...grid, cell, cellHeight: quarterHeight(cell) * 4 }
  const { cellHeight: _, ...square } = grid
  const height = Math.max(1, Math.round((cell * cellHeight(grid)) / grid.cell))
  return { ...square, cell, ...(height !== cell && { cellHeight: height }) }
}
