import { describeCells, squaredDistance } from './features.ts'
import type { Grid } from './grid.ts'
import { mostUses } from './options.ts'
import { type TileVariants, tileVariants } from './orientation.ts'
import type { PictureLimits } from './picture.ts'
import type { MosaicPlan, PlannedTile } from './plan.ts'
import { readPixels } from './target.ts'
import { checkpoint, runOnThreads, type Shared } from './threads.ts'
import { featureLength, type TileSet } from './tile-set.ts'
import { toneLength } from './tone.ts'
import { toneTiles } from './tone-tiles.ts'

/** Of a cell whose tile has left the set. */
const none = 0xffffffff

export interface RematchInput {
  plan: MosaicPlan
  /** What the mosaic is of, at any size: the cells are described anew from it. A picture file. */
  target: Uint8Array
  /** The set as it is now. */
  tiles: TileSet
  limits?: PictureLimits
  signal?: AbortSignal
  threads?: number
}

/**
 * Gives the cells whose tiles have left the set to the nearest tiles that are there, under the rules of the plan. All
 * other cells stay as they are. Where the rules leave no tile, a cell takes its nearest in spite of them: what has
 * left must not stay.
 *
 * @returns how many cells have changed; 0: the plan as it came
 * @throws PictureError a target that cannot be read; `signal.reason`
 */
export async function rematchPlan(input: RematchInput): Promise<{ plan: MosaicPlan; changed: number }> {
  const { plan, tiles, signal, threads } = input
  const { options, grid } = plan
  const run = { signal, threads }
  const variants = tileVariants(tiles, options.flips)
  const { chosen, open } = chosenBefore(plan, tiles, variants)
  if (open === 0) return { plan, changed: 0 }

  const { rgb, width, height } = await readPixels(input.target, input.limits)
  const cells = describeCells(rgb, width, height, grid.columns, grid.rows)
  const wasOpen = chosen.map((variant) => (variant === none ? 1 : 0))
  await runOnThreads(
    'rematchCells',
    [{ grid, cells, chosen, features: variants.features, groups: variants.groups, ...rulesOf(plan) }],
    run,
  )
  const tone =
    options.tone === 'off' ? undefined : await toneTiles(options.tone, tiles, variants, cells, chosen, run)
  const tones = tone && plan.tones && keepTones(plan.tones, tone.tones, wasOpen)
  const shown = tone ? { tiles: tone.toned, chosen: tone.own } : { tiles: variants.features, chosen }
  const [fidelity] = await runOnThreads('comparePlan', [{ cells, ...shown }], run)

  const used = [...new Set(chosen)].sort((a, b) => a - b)
  const place = new Map(used.map((variant, i) => [variant, i]))
  const { gap: _gap, ...rest } = plan
  return {
    changed: open,
    plan: {
      ...rest,
      tileSet: tiles.version,
      tiles: used.map((variant) => plannedTile(tiles, variants, variant)),
      cells: Uint32Array.from(chosen, (variant) => place.get(variant)!),
      scores: plan.scores.map((score, cell) => {
        if (!wasOpen[cell]) return score
        const squared = squaredDistance(cells, cell, shown.tiles, shown.chosen[cell]!)
        return Math.round(Math.sqrt(squared / (featureLength / 3)) * 1e4) / 100
      }),
      fidelity: fidelity!,
      ...(tones && { tones }),
    },
  }
}

function plannedTile(tiles: TileSet, { tileOf, orientationOf }: TileVariants, variant: number): PlannedTile {
  const orientation = orientationOf(variant)
  return { ...tiles.credit(tileOf(variant)), ...(orientation > 0 && { orientation }) }
}

const rulesOf = ({ options }: MosaicPlan) => ({ distance: options.distance, most: mostUses(options) })

/** What stands in each cell, as a place in the set of today. */
function chosenBefore(plan: MosaicPlan, tiles: TileSet, variants: TileVariants) {
  const each = variants.groups.length / tiles.count
  const placeOf = new Map<string, number>()
  for (let variant = 0; variant < variants.groups.length; variant += each)
    placeOf.set(tiles.credit(variants.tileOf(variant)).id, variant)
  const now = plan.tiles.map(({ id, orientation = 0 }) => {
    const first = placeOf.get(id)
    if (first === undefined) return none
    for (let variant = first; variant < first + each; variant++)
      if (variants.orientationOf(variant) === orientation) return variant
    return none
  })
  const chosen = new Uint32Array(new SharedArrayBuffer(plan.cells.length * 4))
  let open = 0
  plan.cells.forEach((tile, cell) => {
    chosen[cell] = now[tile]!
    if (chosen[cell] === none) open++
  })
  return { chosen, open }
}

function keepTones(before: Int16Array, after: Int16Array<SharedArrayBuffer>, isNew: Uint32Array) {
  isNew.forEach((is, cell) => {
    if (is) return
    const from = cell * toneLength
    after.set(before.subarray(from, from + toneLength), from)
  })
  return after
}

export interface RematchTask {
  grid: Grid
  cells: Float32Array
  /** Changed in place: the cells that hold no tile get one. */
  chosen: Uint32Array
  features: Float32Array
  groups: Uint32Array
  distance: number
  most?: number | undefined
  shared: Shared
}

/** On a thread: cell by cell, the nearest tile that the rules leave. */
export function rematchCells(task: RematchTask): void {
  const { grid, cells, chosen, features, groups, distance, most, shared } = task
  const uses = new Map<number, number>()
  for (const variant of chosen)
    if (variant !== none) uses.set(groups[variant]!, (uses.get(groups[variant]!) ?? 0) + 1)
  for (let cell = 0; cell < chosen.length; cell++) {
    if (chosen[cell] !== none) continue
    checkpoint(shared, 1)
    const near = groupsNear(cell, grid, distance, chosen, groups)
    let [best, least] = [none, Infinity]
    let [anyway, leastOfAll] = [0, Infinity]
    for (let variant = 0; variant < groups.length; variant++) {
      const far = distanceUpTo(cells, cell, features, variant, least)
      if (far < leastOfAll) [anyway, leastOfAll] = [variant, far]
      if (far >= least) continue
      const group = groups[variant]!
      if (near.has(group) || (most !== undefined && (uses.get(group) ?? 0) >= most)) continue
      best = variant
      least = far
    }
    const taken = best === none ? anyway : best
    chosen[cell] = taken
    uses.set(groups[taken]!, (uses.get(groups[taken]!) ?? 0) + 1)
  }
}

function groupsNear(
  cell: number,
  { columns, rows }: Grid,
  distance: number,
  chosen: Uint32Array,
  groups: Uint32Array,
): Set<number> {
  const near = new Set<number>()
  const [x, y] = [cell % columns, Math.floor(cell / columns)]
  for (let row = Math.max(0, y - distance); row <= Math.min(rows - 1, y + distance); row++)
    for (let column = Math.max(0, x - distance); column <= Math.min(columns - 1, x + distance); column++) {
      const variant = chosen[row * columns + column]!
      if (variant !== none) near.add(groups[variant]!)
    }
  return near
}

/** As `squaredDistance`, given up once it is too far. */
function distanceUpTo(cells: Float32Array, cell: number, tiles: Float32Array, tile: number, limit: number) {
  let sum = 0
  const [a, b] = [cell * featureLength, tile * featureLength]
  for (let i = 0; i < featureLength && sum < limit; i++) sum += (cells[a + i]! - tiles[b + i]!) ** 2
  return sum
}
