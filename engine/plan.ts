import { z } from 'zod'
import type { Fidelity } from './fidelity.ts'
import { type Grid, mostCells } from './grid.ts'
import { type MosaicOptions, mosaicOptions } from './options.ts'
import type { Orientation } from './orientation.ts'
import { PictureError } from './picture-error.ts'
import type { Places } from './places.ts'
import type { TileCredit } from './tile-set.ts'
import { toneLength } from './tone.ts'

export interface PlannedTile extends TileCredit {
  /** See `engine/orientation.ts`. Absent: upright. */
  orientation?: Orientation
}

/** Everything about a mosaic except pixels: which tile goes where, whose it is, and how well it fits. */
export interface MosaicPlan {
  options: MosaicOptions
  /** Pixels, upright. */
  target: { width: number; height: number }
  grid: Grid
  /** The version of the tile set it was planned with. */
  tileSet: string
  /** The tiles in use, one entry per orientation in use; `cells` holds indices into this list. */
  tiles: PlannedTile[]
  /** An index into `tiles` per cell, row by row, or in the order of the grid's places. */
  cells: Uint32Array
  /** Distance of each cell's tile from the target: RMS OKLab distance x 100, to 0.01. */
  scores: Float32Array
  /** With `options.tone`: gain and offset of L, a, b per cell, in steps of 1/2048: see `engine/tone.ts`. */
  tones?: Int16Array<SharedArrayBuffer>
  fidelity: Fidelity
  /** With a global search: upper bound on how far the total error is above the optimum, as a fraction. */
  gap?: number
}

const positive = z.int().positive()
/** A list of integers with a single check: a schema per element takes seconds for a million of them. */
const numbers = (least: number, most: number) =>
  z.custom<number[]>(
    (list) =>
      Array.isArray(list) &&
      list.every((value) => Number.isInteger(value) && value >= least && value <= most),
    `expected integers from ${least} to ${most}`,
  )

/**
 * `plan.json`. Cells are flat lists in raster order, `columns * rows` long: an index into `tiles.used`, and a
 * score in hundredths; with tone transfer, four numbers per cell.
 *
 * Version 2, for cells of several sizes or grids with empty cells, adds `places`: column, row and side of
 * each cell in units of the smallest cell. The other lists are in this order. All other plans are version 1.
 */
export const planFile = z
  .object({
    format: z.literal('mosaicme-plan'),
    version: z.union([z.literal(1), z.literal(2)]),
    options: mosaicOptions,
    target: z.object({ width: positive, height: positive }),
    grid: z.object({
      columns: positive,
      rows: positive,
      cell: positive,
      cellHeight: positive.exactOptional(),
      layout: z.literal('hexagons').exactOptional(),
    }),
    tiles: z.object({
      set: z.string(),
      used: z.array(
        z.object({
          id: z.string(),
          source: z.string(),
          orientation: z.int().min(1).max(7).optional(),
          author: z.object({ name: z.string(), handle: z.string(), url: z.string() }).partial().optional(),
        }),
      ),
    }),
    fidelity: z.object({ k1: z.number(), k2: z.number(), k4: z.number(), ssim: z.number().optional() }),
    gap: z.number().optional(),
    places: numbers(0, 2 ** 31 - 1).optional(),
    cells: numbers(0, 2 ** 32 - 1),
    scores: numbers(0, 2 ** 32 - 1),
    tones: numbers(-32_768, 32_767).optional(),
  })
  .refine(
    ({ version, grid, places }) => (version === 2) === (places !== undefined) && areLaidOut(grid, places),
    'expected places in a plan of version 2, in order, within the grid, without overlaps',
  )
  .refine(
    ({ grid, places, cells, scores }) =>
      cells.length === (places ? places.length / 3 : grid.columns * grid.rows) &&
      scores.length === cells.length,
    'expected a tile and a score for each cell of the grid',
  )
  .refine(
    ({ cells, tones }) => tones === undefined || tones.length === cells.length * toneLength,
    'expected four numbers of tone for each cell',
  )
  .refine(
    ({ cells, tiles }) => cells.every((tile) => tile < tiles.used.length),
    'expected only tiles that are listed as used',
  )

function areLaidOut({ columns, rows }: { columns: number; rows: number }, places?: number[]): boolean {
  if (!places) return true
  if (columns * rows > mostCells) return false
  const isTaken = new Uint8Array(columns * rows)
  for (let at = 0; at < places.length; at += 3) {
    const [column, row, side] = [places[at]!, places[at + 1]!, places[at + 2] ?? 0]
    if (side < 1 || (side & (side - 1)) !== 0 || column + side > columns || row + side > rows) return false
    const [x, y, before] = [places[at - 3] ?? -1, places[at - 2] ?? -1, places[at - 1] ?? Infinity]
    if (side > before || (side === before && (row < y || (row === y && column < x)))) return false
    for (let line = row * columns + column, n = 0; n < side; n++, line += columns) {
      if (isTaken.subarray(line, line + side).includes(1)) return false
      isTaken.fill(1, line, line + side)
    }
  }
  return places.length > 0 && places.length % 3 === 0
}

/** The number of different photos in a plan. */
export function tilesInUse({ tiles }: MosaicPlan): number {
  return new Set(tiles.map(({ id }) => id)).size
}

export function encodePlan(plan: MosaicPlan): Uint8Array {
  const { places, ...grid } = plan.grid
  const file: z.infer<typeof planFile> = {
    format: 'mosaicme-plan',
    version: places ? 2 : 1,
    options: plan.options,
    target: plan.target,
    grid,
    tiles: { set: plan.tileSet, used: plan.tiles },
    fidelity: plan.fidelity,
    ...(plan.gap !== undefined && { gap: plan.gap }),
    ...(places && { places: [...places] }),
    cells: [...plan.cells],
    scores: Array.from(plan.scores, (score) => Math.round(score * 100)),
    ...(plan.tones && { tones: [...plan.tones] }),
  }
  return new TextEncoder().encode(JSON.stringify(file))
}

/** @throws PictureError `invalid_plan` */
export function decodePlan(bytes: Uint8Array): MosaicPlan {
  let file: z.infer<typeof planFile>
  try {
    file = planFile.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    const reason =
      cause instanceof z.ZodError ? `: ${cause.issues[0]?.path.join('.')} ${cause.issues[0]?.message}` : ''
    throw new PictureError(
      'invalid_plan',
      `Expected a mosaic plan of version 1 or 2 but received something else${reason}.`,
      {
        cause,
      },
    )
  }
  return {
    options: file.options,
    target: file.target,
    grid: { ...file.grid, ...(file.places && { places: sharedPlaces(file.places) }) },
    tileSet: file.tiles.set,
    tiles: file.tiles.used as PlannedTile[],
    cells: Uint32Array.from(file.cells),
    // `from` with a mapping function takes 70 ms more for a million elements.
    scores: new Float32Array(file.scores).map((score) => score / 100),
    fidelity: file.fidelity as Fidelity,
    ...(file.gap !== undefined && { gap: file.gap }),
    ...(file.tones && { tones: sharedTones(file.tones) }),
  }
}

function sharedPlaces(numbers: number[]): Places {
  const places = new Int32Array(new SharedArrayBuffer(numbers.length * 4))
  places.set(numbers)
  return places
}

function sharedTones(numbers: number[]): Int16Array<SharedArrayBuffer> {
  const tones = new Int16Array(new SharedArrayBuffer(numbers.length * 2))
  tones.set(numbers)
  return tones
}
