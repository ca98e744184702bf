import { type AssignmentRules, assignCells, cellsToAssign } from './assign-cells.ts'
import { squaredDistance } from './features.ts'
import { gridFor, smallestLibrary } from './grid.ts'
import { loadKernel } from './kernel.ts'
import { makeSearchSpace } from './nearest.ts'
import { type MosaicOptions, mosaicOptions, mostUses, parseOptions } from './options.ts'
import { type TileVariants, tileVariants } from './orientation.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import type { MosaicPlan, PlannedTile } from './plan.ts'
import { readPixels } from './target.ts'
import { runOnThreads } from './threads.ts'
import { featureLength, type TileSet } from './tile-set.ts'
import { toneTiles } from './tone-tiles.ts'

/**
 * Nearest tiles looked up per cell: as many as can be forbidden by the cells assigned before it, and one more. Larger
 * distances mostly find one among 256; the few cells that don't look at all tiles. Where tiles run out, lists grow.
 */
const nearestKept = ({ distance, most }: AssignmentRules) =>
  Math.max(most === undefined ? 1 : 128, Math.min(256, 2 * distance * (distance + 1) + 1))
/** Cells that a thread searches for at a time. */
const cellsPerTask = 2048

export interface PlanInput {
  /** A picture file. */
  target: Uint8Array
  tiles: TileSet
  options?: Partial<MosaicOptions>
  limits?: PictureLimits
  /** In cells, each counted once for every time it is looked at: searched for, assigned, improved. */
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
  const run = { signal, threads }
  const variants = tileVariants(tiles, options.flips)
  const { features } = variants
  const [target, [index], kernel] = await Promise.all([
    readPixels(input.target, input.limits),
    runOnThreads('indexTiles', [{ features }], run),
    loadKernel(),
  ])
  const grid = gridFor(target.width, target.height, options)
  const { groups, groupCount } = numberGroups(variants.groups)
  const most = mostUses(options)
  const rules = { grid, distance: options.distance, most, groups, groupCount }
  refuseSmallLibrary(tiles, rules)

  const total = grid.columns * grid.rows
  const steps = total + cellsToAssign(rules)
  const report = (before: number) => (done: number) => input.onProgress?.(before + done, steps)
  const space = makeSearchSpace(index!, groups, total, nearestKept(rules))
  const cells = new Float32Array(new SharedArrayBuffer(total * featureLength * 4))
  const { valueOrder } = index!
  const rows = parts(grid.rows, Math.max(1, Math.round(cellsPerTask / grid.columns)))
  await runOnThreads(
    'describeTarget',
    rows.map(([fromRow, toRow]) => ({
      ...target,
      ...grid,
      fromRow,
      toRow,
      features: cells,
      space,
      valueOrder,
    })),
    run,
  )
  await runOnThreads(
    'nearestTiles',
    parts(total, cellsPerTask).map(([from, to]) => ({ kernel, space, from, to })),
    { ...run, onProgress: report(0) },
  )
  const { chosen, gap } = await assignCells(kernel, space, rules, run, report(total))
  const tone =
    options.tone === 'off' ? undefined : await toneTiles(options.tone, tiles, variants, cells, chosen, run)
  /* What stands in each cell: the tile as it is, or a description of its own. */
  const shown = tone ? { tiles: tone.toned, chosen: tone.own } : { tiles: features, chosen }
  const [fidelity] = await runOnThreads('comparePlan', [{ cells, ...shown }], run)

  const used = [...new Set(chosen)].sort((a, b) => a - b)
  const place = new Map(used.map((tile, i) => [tile, i]))
  return {
    options,
    target: { width: target.width, height: target.height },
    grid,
    tileSet: tiles.version,
    tiles: used.map((variant) => plannedTile(tiles, variants, variant)),
    cells: Uint32Array.from(chosen, (tile) => place.get(tile)!),
    scores: Float32Array.from(shown.chosen, (tile, cell) => {
      const perSample = squaredDistance(cells, cell, shown.tiles, tile) / (featureLength / 3)
      return Math.round(Math.sqrt(perSample) * 1e4) / 100
    }),
    fidelity: fidelity!,
    ...(gap !== undefined && { gap }),
    ...(tone && { tones: tone.tones }),
  }
}

function plannedTile(tiles: TileSet, { tileOf, orientationOf }: TileVariants, variant: number): PlannedTile {
  const orientation = orientationOf(variant)
  return { ...tiles.credit(tileOf(variant)), ...(orientation > 0 && { orientation }) }
}

function refuseSmallLibrary(tiles: TileSet, { grid, distance, most, groupCount }: AssignmentRules): void {
  const needed = smallestLibrary(grid, distance, most)
  if (groupCount >= needed) return
  const because = [
    ...(most === undefined ? [] : [most === 1 ? 'each is used once' : `each is used at most ${most} times`]),
    ...(most === 1 ? [] : [`equal ones keep more than ${distance} cells apart`]),
  ].join(' and ')
  throw new PictureError(
    'library_too_small',
    `Expected at least ${needed} different tiles, because ${because}, but received ${groupCount}` +
      `${groupCount < tiles.count ? ` (${tiles.count} with near-duplicates)` : ''}: add tiles or choose ` +
      `${most === undefined ? 'a smaller distance' : 'larger cells'}.`,
  )
}

/** Cuts `0..total` into runs of at most `size`: first, and one past the last. */
function parts(total: number, size: number): [from: number, to: number][] {
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => [
    i * size,
    Math.min(total, (i + 1) * size),
  ])
}

/** Groups numbered from 0 without gaps. */
function numberGroups(groups: Uint32Array): { groups: Uint32Array<SharedArrayBuffer>; groupCount: number } {
  const number = new Map<number, number>()
  for (const group of groups) if (!number.has(group)) number.set(group, number.size)
  const dense = new Uint32Array(new SharedArrayBuffer(groups.length * 4))
  groups.forEach((group, tile) => {
    dense[tile] = number.get(group)!
  })
  return { groups: dense, groupCount: number.size }
}
