/** Alternatives for a cell of a finished mosaic, for people who want another photo there. */
import { applyEdits, type CellPlace } from './cell-edits.ts'
import { describePicture } from './edit-plan.ts'
import { cellsWithin } from './grid.ts'
import { mostUses } from './options.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import type { MosaicPlan } from './plan.ts'
import { numberGroups, scoreOf } from './plan-cells.ts'
import { makeSearchSpace, writeCells } from './search-space.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import { featureLength, type TileCredit, type TileSet } from './tile-set.ts'
import { tileVariants } from './tile-variants.ts'

export interface RunnerUp extends TileCredit {
  /** RMS OKLab distance x 100 from the cell's part of the target, before any tone transfer. */
  difference: number
}

export interface RunnersUpInput {
  plan: MosaicPlan
  tiles: TileSet
  place: CellPlace
  /** Maximum number of tiles. */
  count: number
  /** The original picture. Without it the cell is assumed to look like its current tile. */
  target?: Uint8Array
  limits?: PictureLimits
  signal?: AbortSignal
  threads?: number
}

/**
 * The tiles nearest to a cell, except its current one, that can be pinned to it without changing other cells:
 * not too close to an equal one and not used up. Nearest first, upright, one of each group of
 * near-duplicates.
 *
 * @throws PictureError `invalid_edit` for a cell that does not exist; `target_needed` when its tile has left
 * the library and no picture was given
 */
export async function runnersUp(input: RunnersUpInput): Promise<RunnerUp[]> {
  const { plan, tiles, place, count, target, limits, signal, threads } = input
  const { grid, options } = plan
  const run: RunOptions = { signal, threads }
  const variants = await tileVariants(tiles, options.flips, grid, run)
  const { groups } = numberGroups(variants.groups)
  const { before, held, refused } = applyEdits(plan, tiles, variants, { groups }, { replace: [place] })
  const cell = [...refused.keys()][0]!
  if (!target && before[cell]! < 0)
    throw new PictureError(
      'target_needed',
      `The original picture is needed, because the tile at ${place.x},${place.y} is gone from the library.`,
    )
  const from = target ? await describePicture(plan, target, limits, run) : variants.features
  const at = (target ? cell : before[cell]!) * featureLength
  const own = from.slice(at, at + featureLength)

  const unwanted = new Set<number>()
  const refuse = (variant: number) => variant >= 0 && unwanted.add(groups[variant]!)
  refuse(before[cell]!)
  for (const other of cellsWithin(grid, options.distance)(cell)) refuse(held[other]!)
  for (const group of usedUp(held, groups, mostUses(options))) unwanted.add(group)

  const { features, ways } = variants
  const [index] = await runOnThreads('indexTiles', [{ features, ways }], run)
  const space = makeSearchSpace(index!, groups, 1, 1)
  writeCells(space, own, 0, 1)
  const upright = Uint8Array.from(groups, (_, variant) => (variants.orientationOf(variant) === 0 ? 1 : 0))
  const [ranked] = await runOnThreads('rankTiles', [{ space, groups, upright, unwanted, count }], run)
  return ranked!.map((variant) => ({
    ...tiles.credit(variants.tileOf(variant)),
    difference: scoreOf(own, 0, features, variant),
  }))
}

function usedUp(held: Int32Array, groups: Uint32Array, most = Infinity): number[] {
  if (most === Infinity) return []
  const uses = new Map<number, number>()
  for (const variant of held)
    if (variant >= 0) uses.set(groups[variant]!, (uses.get(groups[variant]!) ?? 0) + 1)
  return [...uses].flatMap(([group, times]) => (times >= most ? [group] : []))
}
