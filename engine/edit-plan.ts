import { applyEdits, type PlanEdits } from './cell-edits.ts'
import { comparePlan } from './compare-plan.ts'
import { layoutOf, roundFidelity } from './fidelity.ts'
import { noGroup } from './fill-cells.ts'
import { mostUses } from './options.ts'
import { overlaid } from './overlay.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import { readPixels } from './pixels.ts'
import { placeOf } from './places.ts'
import type { MosaicPlan } from './plan.ts'
import { numberGroups, planOf, scoreOf } from './plan-cells.ts'
import { makeSearchSpace, writeCells } from './search-space.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import { featureLength, type TileSet } from './tile-set.ts'
import { tileVariants } from './tile-variants.ts'
import { toneDescription, toneLength } from './tone.ts'
import { toneTiles } from './tone-tiles.ts'

export interface EditInput {
  plan: MosaicPlan
  /** Tiles missing from it are replaced as if they were banned. */
  tiles: TileSet
  edits?: PlanEdits
  /**
   * The original picture, in any size. Without it, cells are assumed to look like their current tiles, which
   * must then still be in the set, and the plan's fidelity is not updated.
   */
  target?: Uint8Array
  limits?: PictureLimits
  signal?: AbortSignal
  threads?: number
}

export interface EditedPlan {
  plan: MosaicPlan
  /** Cells that show another tile or orientation than before, ascending. */
  changed: number[]
}

/**
 * Changes only what has to change in a plan: pins, swaps and replaces tiles, and removes banned and missing
 * ones. Cells whose tile is no longer allowed take the nearest tile that all others allow.
 *
 * @throws PictureError `invalid_edit` for impossible edits, such as equal tiles pinned side by side;
 * `target_needed`; `library_too_small` when no tile is allowed for a cell
 */
export async function editPlan(input: EditInput): Promise<EditedPlan> {
  const { plan, tiles, edits = {}, signal, threads } = input
  const { options, grid } = plan
  const run: RunOptions = { signal, threads }
  const nameOf = (cell: number) => {
    const { column, row } = placeOf(grid, cell)
    return `column ${column} and row ${row}`
  }
  const variants = await tileVariants(tiles, options.flips, grid, run)
  const { groups, groupCount } = numberGroups(variants.groups)
  const most = mostUses(options)
  const described = input.target && (await describePicture(plan, input.target, input.limits, run))

  const { before, held, banned, refused, unfilled } = applyEdits(
    ...([plan, tiles, variants, { groups, most }, edits] as const),
  )
  const groupOf = (variant = -1) => (variant < 0 ? noGroup : groups[variant]!)
  const wanted = Uint32Array.from(unfilled)
  /* Cells to describe: those to fill, and those that were given another tile. */
  const altered = [...held.keys()].filter((cell) => held[cell]! < 0 || held[cell] !== before[cell])
  const cells = new Float32Array(new SharedArrayBuffer(altered.length * featureLength * 4))
  altered.forEach((cell, i) => {
    if (!described && before[cell]! < 0)
      throw new PictureError(
        'target_needed',
        `The original picture is needed, because the tile in ${nameOf(cell)} is gone from the library and ` +
          'another one has to be matched to it.',
      )
    const from = described ?? variants.features
    const at = (described ? cell : before[cell]!) * featureLength
    cells.set(from.subarray(at, at + featureLength), i * featureLength)
  })

  if (wanted.length > 0) {
    const place = new Map(altered.map((cell, i) => [cell, i]))
    const own = new Float32Array(wanted.length * featureLength)
    wanted.forEach((cell, i) => {
      const at = place.get(cell)! * featureLength
      own.set(cells.subarray(at, at + featureLength), i * featureLength)
    })
    const { features, ways } = variants
    const [index] = await runOnThreads('indexTiles', [{ features, ways }], run)
    const space = makeSearchSpace(index!, groups, wanted.length, 1)
    writeCells(space, own, 0, wanted.length)
    const rules = {
      ...{ grid, distance: options.distance, most, groups, groupCount, banned },
      refused: wanted.map((cell) => groupOf(refused.get(cell))),
    }
    const heldGroups = Uint32Array.from(held, groupOf)
    const [chosen] = await runOnThreads('fillCells', [{ ...rules, held: heldGroups, wanted, space }], run)
    if (chosen!.length < wanted.length)
      throw new PictureError(
        'library_too_small',
        `Expected an allowed tile for ${nameOf(wanted[chosen!.length]!)} but all are banned, used up or too close to an equal one: ` +
          'add tiles or ban fewer.',
      )
    chosen!.forEach((variant, i) => {
      held[wanted[i]!] = variant
    })
  }

  const shown = Uint32Array.from(held)
  const scores = plan.scores.slice()
  const tones = plan.tones && new Int16Array(new SharedArrayBuffer(plan.tones.byteLength))
  tones?.set(plan.tones!)
  const chosen = Uint32Array.from(altered, (cell) => shown[cell]!)
  const toned =
    options.tone !== 'off' && tones && altered.length > 0
      ? await toneTiles(options.tone, tiles, variants, cells, chosen, run)
      : undefined
  altered.forEach((cell, i) => {
    scores[cell] = toned
      ? scoreOf(cells, i, toned.toned, i)
      : scoreOf(cells, i, variants.features, chosen[i]!)
    if (toned) tones!.set(toned.tones.subarray(i * toneLength, (i + 1) * toneLength), cell * toneLength)
  })
  let { fidelity } = plan
  if (described) {
    const standing = tones
      ? { tiles: toneAll(variants.features, shown, tones), chosen: shown.map((_, cell) => cell) }
      : { tiles: variants.features, chosen: shown }
    const all = options.cheat > 0 ? overlaid(described, standing, options.cheat) : standing
    const whole = { cells: described, ...all, ...layoutOf(grid, 0, shown.length) }
    fidelity = roundFidelity(await comparePlan(whole, run))
  }
  const { gap: _, ...rest } = plan
  return {
    plan: { ...rest, ...planOf(tiles, variants, shown), scores, fidelity, ...(tones && { tones }) },
    changed: altered.filter((cell) => shown[cell] !== before[cell]),
  }
}

/** OKLab samples of all cells of a plan's original picture. */
export async function describePicture(
  plan: MosaicPlan,
  target: Uint8Array,
  limits: PictureLimits | undefined,
  run: RunOptions,
) {
  const pixels = await readPixels(target, limits)
  const { grid } = plan
  const [described] = await runOnThreads('describePixels', [{ ...pixels, grid }], run)
  return described!
}

/** The toned descriptions of all cells' tiles. */
function toneAll(features: Float32Array, shown: Uint32Array, tones: Int16Array): Float32Array {
  const toned = new Float32Array(new SharedArrayBuffer(shown.length * featureLength * 4))
  shown.forEach((tile, cell) => {
    toneDescription(features, tile, tones, cell * toneLength, toned, cell * featureLength)
  })
  return toned
}
