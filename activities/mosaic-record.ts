/** A mosaic's record: describes a finished mosaic in the store. The gallery can be rebuilt from the records. */
import { z } from 'zod'
import type { GalleryEntry } from '../adapters/gallery-cache/gallery-cache.ts'
import { previewLevel } from '../engine/index.ts'

const object = z.object({ bucket: z.enum(['in', 'raw', 'large', 'small']), key: z.string() })
const picture = object.extend({ width: z.number(), height: z.number(), bytes: z.number() })

/** How the mosaic uses its library: `engine/tile-usage.ts`. */
const tileUsage = z.object({
  tiles: z.int(),
  histogram: z.array(z.object({ from: z.int(), to: z.int(), tiles: z.int() })),
  repeats: z.int(),
  nearest: z.int().optional(),
})

export const mosaicRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  /** RFC 3339, UTC. */
  date: z.string(),
  author: z.object({ name: z.string().exactOptional(), handle: z.string().exactOptional() }).optional(),
  post: z.looseObject({ network: z.string(), id: z.string(), url: z.string() }).optional(),
  library: z.string(),
  /** Parameters of the job. */
  params: z.record(z.string(), z.unknown()).optional(),
  fidelity: z
    .object({ k1: z.number(), k2: z.number(), k4: z.number(), ssim: z.number().optional() })
    .optional(),
  cells: z.object({ columns: z.number(), rows: z.number(), count: z.number().exactOptional() }).optional(),
  usage: tileUsage.optional(),
  large: picture,
  /** `thumbhash`: a placeholder of about 25 bytes, base64, shown while the picture loads. */
  small: picture.extend({ thumbhash: z.string().optional() }),
  /** The photo, at the size of the small picture. */
  target: picture.optional(),
  dzi: object,
  plan: object,
})

export type MosaicRecord = z.infer<typeof mosaicRecord>

/** The gallery's view of a record. `site` is the public URL without a trailing slash, or empty for relative links. */
export function galleryEntry(record: MosaicRecord, site: string): GalleryEntry {
  const files = `${site}/v1/jobs/${record.id}/files`
  const { width, height } = record.large
  return {
    id: record.id,
    url_small: `${files}/small.jpg`,
    url_large: `${files}/large.jpg`,
    url_preview: `${files}/mosaic_files/${previewLevel(width, height)}/0_0.jpg`,
    username: record.author?.handle ?? '',
    date: record.date,
    width,
    height,
    ...(record.small.thumbhash && { thumbhash: record.small.thumbhash }),
    ...(record.author?.name && { author: record.author.name }),
    ...(record.post && { post_url: record.post.url }),
  }
}
