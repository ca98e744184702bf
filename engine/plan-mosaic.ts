import { type Grid, gridFor, smallestLibrary } from './grid.ts'
import { makeCandidates, squaredDistance } from './nearest.ts'
import { type MosaicOptions, mosaicOptions, parseOptions } from './options.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import type { MosaicPlan } from './plan.ts'
import { readPixels } from './target.ts'
import { runOnThreads } from './threads.ts'
import { featureLength, type TileSet } from './tile-set.ts'

/** Nearest tiles looked up per cell: enough that the distance rule rarely asks for more. */
const nearestKept = 64
/** Cells that a thread searches for at a time. */
const cellsPerTask = 1024

export interface PlanInput {
  /** A picture file. */
  target: Uint8Array
  tiles: TileSet
  options?: Partial<MosaicOptions>
  limits?: PictureLimits
  /** In cells, each counted twice: once searched for, once assigned. */
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
  /** Default: as many as the machine runs at once. The plan does not depend on it. */
  threads?: number
}

/**
 * Decides which tile goes where.
 *
 * @throws PictureError a picture that cannot be used, `invalid_option`, `output_too_large`, `library_too_small`; and
 * `signal.reason` within 2 s of an abort
 */
export async function planMosaic(input: PlanInput): Promise<MosaicPlan> {
  const { tiles, signal, threads } = input
  const options = parseOptions(mosaicOptions, input.options ?? {})
  const target = await readPixels(input.target, input.limits)
  const grid = gridFor(target.width, target.height, options)
  refuseSmallLibrary(tiles, grid, options.distance)

  const total = grid.columns * grid.rows
  const report = (before: number) => (done: number) => input.onProgress?.(before + done, total * 2)
  const run = { signal, threads }
  const [cells] = await runOnThreads('describeTarget', [{ ...target, ...grid }], run)
  const candidates = makeCandidates(total, Math.min(nearestKept, tiles.count))
  const search = { cells: cells!, tiles: tiles.features, candidates }
  await runOnThreads(
    'nearestTiles',
    Array.from({ length: Math.ceil(total / cellsPerTask) }, (_, i) => ({
      ...search,
      from: i * cellsPerTask,
      to: Math.min(total, (i + 1) * cellsPerTask),
    })),
    { ...run, onProgress: report(0) },
  )
  const [chosen] = await runOnThreads(
    'assignTiles',
    [{ ...search, grid, distance: options.distance, groups: tiles.groups }],
    { ...run, onProgress: report(total) },
  )
  const [fidelity] = await runOnThreads(
    'comparePlan',
    [{ cells: cells!, tiles: tiles.features, chosen: chosen! }],
    run,
  )

  const used = [...new Set(chosen!)].sort((a, b) => a - b)
  const place = new Map(used.map((tile, i) => [tile, i]))
  return {
    options,
    target: { width: target.width, height: target.height },
    grid,
    tileSet: tiles.version,
    tiles: used.map((tile) => tiles.credit(tile)),
    cells: Uint32Array.from(chosen!, (tile) => place.get(tile)!),
    scores: Float32Array.from(chosen!, (tile, cell) => {
      const perSample = squaredDistance(cells!, cell, tiles.features, tile) / (featureLength / 3)
      return Math.round(Math.sqrt(perSample) * 1e4) / 100
    }),
    fidelity: fidelity!,
  }
}

function refuseSmallLibrary(tiles: TileSet, grid: Grid, distance: number): void {
  const different = new Set(tiles.groups).size
  const needed = smallestLibrary(grid, distance)
  if (different >= needed) return
  throw new PictureError(
    'library_too_small',
    `Expected at least ${needed} different tiles, because equal ones keep more than ${distance} cells apart, but ` +
      `received ${different}${different < tiles.count ? ` (${tiles.count} with near-duplicates)` : ''}: add tiles or ` +
      `choose a smaller distance.`,
  )
}
