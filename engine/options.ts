import { z } from 'zod'
import { largeFormats } from './large-format.ts'
import { PictureError } from './picture-error.ts'

export const mosaicOptions = z.strictObject({
  /** Width and height of a cell in the mosaic, pixels. */
  cell: z.int().min(2).max(1024).default(32),
  /** Height of a cell, where it is not as high as wide. Tiles are cut to that shape around their middle. */
  cellHeight: z.int().min(2).max(1024).optional(),
  /**
   * `hexagons`: as wide as `cell` says, and as high as regular ones are. `quadtree`: cells of this size where there is detail, and of
   * twice, four or eight times the size where there is none.
   */
  layout: z.enum(['grid', 'hexagons', 'quadtree']).default('grid'),
  /** Of a quadtree: from 0 (the largest cells) to 100 (small cells wherever there is any detail). */
  detail: z.number().min(0).max(100).optional(),
  /** Where a mask leaves out cells. Absent: nothing in formats that can be transparent, white in JPEG. */
  background: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as #ff8800')
    .optional(),
  /** The mosaic's size over the target's: 10 turns 1024 px into 10,240 px. */
  scale: z.number().positive().max(1000).default(10),
  /**
   * Equal tiles are never within this many cells of each other, counted as a chess king moves (Chebyshev). Means
   * what metapixel's `--distance` means. 0: no constraint.
   */
  distance: z.int().min(0).max(1000).default(5),
  /** How often a tile may be used at most. Absent: as often as the distance allows, or once with a global search. */
  most: z.int().min(1).max(1_000_000).optional(),
  /** How often each tile is used at least: 1 leaves none out. Needs as many cells as there are different tiles. */
  least: z.int().min(0).max(1).default(0),
  /**
   * `local`: every cell its nearest tile, then better ones by exchange. `global`: the assignment of least total error with
   * each tile used once, as metapixel's `--search=global`, or `most` times.
   */
  search: z.enum(['local', 'global']).default('local'),
  /**
   * Whether tiles may be shown mirrored; or `both` ways, left to right and upside down; or in `all` eight orientations, quarter
   * turns among them. However it is turned, it is the same tile.
   */
  flips: z.enum(['off', 'mirror', 'both', 'all']).default('off'),
  /**
   * Whether tiles take on the colours of their cells: `bounded` as far as each keeps an SSIM of 0.9 to the photo it was,
   * `full` all the way.
   */
  tone: z.enum(['off', 'bounded', 'full']).default('off'),
  /** Hundredths of the target that are laid over the mosaic, as metapixel's `--cheat`. */
  cheat: z.number().min(0).max(100).default(0),
  /** Of the large picture. Its pyramid is of JPEGs whatever this is. */
  format: z.enum(largeFormats).default('jpeg'),
})

export type MosaicOptions = z.infer<typeof mosaicOptions>

/** How often a tile may be used. Undefined: as often as the distance allows. */
export function mostUses({ most, search }: { most?: number | undefined; search?: string | undefined }) {
  return most ?? (search === 'global' ? 1 : undefined)
}

/** @throws PictureError `invalid_option`, naming the option, what was expected and what came */
export function parseOptions<T>(schema: z.ZodType<T>, options: unknown): T {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = issue?.path.join('.') || 'options'
  throw new PictureError('invalid_option', `Bad value for ${name}: ${issue?.message}.`, {
    cause: parsed.error,
  })
}
