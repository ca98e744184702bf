import { z } from 'zod'
import { largeFormats } from './large-format.ts'
import { PictureError } from './picture-error.ts'

export const mosaicOptions = z.strictObject({
  /** Width and height of a cell in the mosaic, pixels. */
  cell: z.int().min(2).max(1024).default(32),
  /** Height of a cell if it is not square. Tiles are centre-cropped to that shape. */
  cellHeight: z.int().min(2).max(1024).optional(),
  /**
   * `hexagons`: `cell` is the width, the height follows from regular hexagons. `quadtree`: cells of this size
   * where there is detail, and two, four or eight times as large where there is none.
   */
  layout: z.enum(['grid', 'hexagons', 'quadtree']).default('grid'),
  /** For a quadtree: from 0 (only the largest cells) to 100 (small cells wherever there is any detail). */
  detail: z.number().min(0).max(100).optional(),
  /** Colour of cells that a mask leaves out. Absent: transparent in formats with alpha, white in JPEG. */
  background: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as #ff8800')
    .optional(),
  /** The mosaic's size over the target's: 10 turns 1024 px into 10,240 px. */
  scale: z.number().positive().max(1000).default(10),
  /**
   * Equal tiles are never within this Chebyshev distance of each other, in cells; the same as metapixel's
   * `--distance`. 0: no constraint.
   */
  distance: z.int().min(0).max(1000).default(5),
  /** Maximum uses of a tile. Absent: as often as the distance allows, or once with a global search. */
  most: z.int().min(1).max(1_000_000).optional(),
  /** Minimum uses of a tile: 1 leaves none out, which needs at least as many cells as different tiles. */
  least: z.int().min(0).max(1).default(0),
  /**
   * `local`: the nearest tile for each cell, improved by exchanges. `global`: the assignment with the least
   * total error that uses each tile once, like metapixel's `--search=global`, or `most` times.
   */
  search: z.enum(['local', 'global']).default('local'),
  /**
   * Which orientations of a tile are allowed: `mirror`; `both`, mirrored and upside down; `all` eight,
   * including quarter turns. All orientations count as the same tile.
   */
  flips: z.enum(['off', 'mirror', 'both', 'all']).default('off'),
  /**
   * Whether tiles take on the colours of their cells: `bounded` keeps an SSIM of at least 0.9 to the original
   * photo, `full` has no such bound.
   */
  tone: z.enum(['off', 'bounded', 'full']).default('off'),
  /** Opacity of the target overlaid on the mosaic, per cent, like metapixel's `--cheat`. */
  cheat: z.number().min(0).max(100).default(0),
  /** Format of the large picture. The pyramid is always JPEG. */
  format: z.enum(largeFormats).default('jpeg'),
})

export type MosaicOptions = z.infer<typeof mosaicOptions>

/** Maximum uses of a tile. Undefined: as often as the distance allows. */
export function mostUses({ most, search }: { most?: number | undefined; search?: string | undefined }) {
  return most ?? (search === 'global' ? 1 : undefined)
}

/** @throws PictureError `invalid_option`, naming the option, what was expected and what was received */
export function parseOptions<T>(schema: z.ZodType<T>, options: unknown): T {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = issue?.path.join('.') || 'options'
  throw new PictureError('invalid_option', `Bad value for ${name}: ${issue?.message}.`, {
    cause: parsed.error,
  })
}
