import { cellHeight } from './grid.ts'
import { bandHeight } from './jpeg-bands.ts'
import type { MosaicPlan } from './plan.ts'
import { sharp } from './sharp.ts'
import { smallMosaic } from './small-mosaic.ts'
import type { RunOptions } from './threads.ts'
import type { TileSet } from './tile-set.ts'

/**
 * A small version of a mosaic in progress: its upper rows, the rest transparent. The plan determines how rows
 * look, so compose does not have to keep its bands for previews.
 */
export interface MosaicSoFar {
  rows: number
  /** @returns WebP, transparent below the first `rows` rows of cells */
  upTo(rows: number): Promise<Buffer>
}

/**
 * @param longest length of the longer side, pixels
 * @throws PictureError `tile_missing`; `signal.reason` of an abort
 */
export async function openMosaicSoFar(
  { plan, tiles, longest }: { plan: MosaicPlan; tiles: TileSet; longest: number },
  run: RunOptions = {},
): Promise<MosaicSoFar> {
  const small = await smallMosaic({ plan, tiles, longest }, run)
  const { data, info } = await small.raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const { rows: all } = plan.grid
  return {
    rows: all,
    upTo: async (rows) => {
      const lines = Math.round((height * Math.min(all, Math.max(0, rows))) / all)
      const seen = Buffer.alloc(width * height * 4)
      for (let pixel = 0; pixel < width * lines; pixel++) {
        data.copy(seen, pixel * 4, pixel * 3, pixel * 3 + 3)
        seen[pixel * 4 + 3] = 255
      }
      return await sharp(seen, { raw: { width, height, channels: 4 } })
        .webp({ quality: 75, effort: 1 })
        .toBuffer()
    },
  }
}

/** Rows of cells that are finished when compose has reported this many parts; its bands come first. */
export const composedRows = (grid: MosaicPlan['grid'], partsDone: number): number =>
  Math.min(grid.rows, Math.floor((partsDone * bandHeight(grid.columns * grid.cell)) / cellHeight(grid)))
