/** Requests for jobs. Strict, so that a misspelt option is reported instead of ignored. */
import { z } from '@hono/zod-openapi'
import { metadata } from './job.ts'
import { isSized, noSide, resizeOptions } from './resize-request.ts'

const kinds = ['url', 'base64', 'upload'] as const

/** Strings are only checked in `picture-input.ts`, because Zod would quote long ones in its messages. */
export const pictureInput = z
  .strictObject({
    url: z.string().min(1).max(2048).optional().openapi({
      description: 'http or https. Fetched by a worker, never from private networks.',
      example: 'https://example.org/photo.jpg',
    }),
    base64: z
      .string()
      .optional()
      .openapi({ description: 'RFC 4648, section 4; a data: URL is accepted too.' }),
    upload: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'Expected the hash that POST /v1/uploads returned: 64 hexadecimal digits')
      .optional()
      .openapi({ description: 'The hash that `POST /v1/uploads` returned.' }),
  })
  .refine((input) => kinds.filter((kind) => input[kind] !== undefined).length === 1, {
    error: `Expected exactly one of ${kinds.join(', ')}`,
  })
  .openapi('PictureInput')

export type PictureInput = z.infer<typeof pictureInput>

/** Private addresses are refused at the time of the call, by IP address. */
export const webhook = z
  .url({ protocol: /^https?$/, error: 'Expected an http or https address' })
  .max(2048)
  .optional()
  .openapi({
    description:
      'Called when the job is over, with `job.succeeded`, `job.failed` or `job.canceled`, signed as in Standard Webhooks. ' +
      'Retried for about a day.',
    example: 'https://example.org/hooks/mosaicme',
  })

const quality = z.int().min(1).max(100)

export const libraryName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'Expected a name of lower-case letters, digits and hyphens, at most 63, not starting with a hyphen',
  )
  .openapi({ example: 'starter' })

/** Drawn by the service on first use. */
export const defaultLibrary = 'starter'

const mosaicOptions = {
  library: libraryName.default(defaultLibrary).openapi({ description: 'The tile library.' }),
  cell: z.int().min(8).max(256).default(32).openapi({ description: "A cell's side in the mosaic, pixels." }),
  cellHeight: z.int().min(8).max(256).optional().openapi({
    description: "A cell's height, if it is not square. Tiles are cropped to that shape.",
  }),
  layout: z
    .enum(['grid', 'hexagons', 'quadtree'])
    .default('grid')
    .openapi({
      description:
        'The shape of the cells. In a `quadtree` they have this size where the photo has detail, and are two, four or eight times as ' +
        'large elsewhere.',
    }),
  detail: z.number().min(0).max(100).optional().openapi({
    description:
      'For a quadtree: from 0 (the largest cells) to 100 (small cells wherever there is any detail). Default: 25.',
  }),
  mask: z
    .union([z.literal('alpha'), pictureInput])
    .optional()
    .openapi({
      description:
        'Where there are cells: a picture, stretched to the shape of the photo, that is light there (or opaque, if it has any ' +
        "transparency); or `alpha`, the photo's own transparency. In a form, it can be a file in a part named `mask`.",
    }),
  background: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'Expected a colour such as #ff8800')
    .optional()
    .openapi({ description: 'Colour where the mask leaves no cells. Default: white.', example: '#ffffff' }),
  scale: z.number().min(1).max(40).optional().openapi({
    description: "The mosaic's size relative to the photo's. Default: 10, less for large photos.",
  }),
  distance: z.int().min(0).max(1000).default(5).openapi({
    description: 'Equal tiles are more than this many cells apart. 0: they may be side by side.',
  }),
  most: z.int().min(1).max(1_000_000).optional().openapi({
    description:
      'How often a tile may be used. Default: as often as the distance allows, or once with a global search.',
  }),
  least: z.int().min(0).max(1).default(0).openapi({
    description:
      '1: every tile of the library is used. The mosaic needs at least as many cells as there are different tiles.',
  }),
  search: z.enum(['local', 'global']).default('local').openapi({
    description: '`global`: the lowest total error with each tile used once, or `most` times.',
  }),
  flips: z
    .enum(['off', 'mirror', 'both', 'all'])
    .default('off')
    .openapi({
      description:
        'Whether tiles may be mirrored, mirrored `both` ways (left to right and upside down), or used in `all` eight ' +
        'orientations, for a closer match.',
    }),
  tone: z
    .enum(['off', 'bounded', 'full'])
    .default('off')
    .openapi({
      description:
        'Whether tiles are adjusted to the colours of their cells: `bounded` as long as each stays recognisable (SSIM of at ' +
        'least 0.9 to its photo), `full` completely.',
    }),
  cheat: z.number().min(0).max(100).default(0).openapi({
    description:
      "Percentage of the photo itself that is blended over the mosaic, as with metapixel's `--cheat`.",
  }),
  pyramid: z
    .enum(['stored', 'virtual'])
    .default('stored')
    .openapi({
      description:
        'Deep-zoom tiles: `stored`, all rendered in advance, or `virtual`, each rendered on demand, as long as its photos are in ' +
        'the library.',
    }),
  quality: quality.default(90).openapi({ description: 'JPEG quality of the large picture.' }),
}

const handle = /^[\p{L}\p{N}_.@-]+$/u
export const author = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  handle: z.string().min(1).max(100).regex(handle, 'Expected a handle without spaces').optional(),
})

const mosaicRequest = z
  .strictObject({
    type: z.literal('mosaic'),
    input: pictureInput,
    ...mosaicOptions,
    author: author.optional().openapi({ description: 'Shown with the mosaic.' }),
    webhook,
    metadata: metadata.optional(),
  })
  .openapi('MosaicRequest')

const resizeRequest = z
  .strictObject({
    type: z.literal('resize'),
    input: pictureInput,
    ...resizeOptions,
    webhook,
    metadata: metadata.optional(),
  })
  .openapi('ResizeRequest')

const { library, cell, cellHeight, layout, detail, scale, distance, most, search, flips, tone } =
  mosaicOptions
const { background } = mosaicOptions
const photoSide = z
  .int()
  .min(1)
  .max(1e6)
  .optional()
  .openapi({ description: 'Of the original photo, pixels. Default: those of the picture.' })

/** The `job` part of a preview: the options of a mosaic that affect its look. */
export const previewRequest = z
  .strictObject({
    ...{ library, cell, cellHeight, layout, detail, scale, distance, most, search, flips, tone, background },
    ...{ width: photoSide, height: photoSide },
  })
  .refine(({ width, height }) => (width === undefined) === (height === undefined), {
    error: 'Expected both width and height, or neither',
    path: ['height'],
  })
  .openapi('PreviewRequest')

export type PreviewRequest = z.infer<typeof previewRequest>

export const jobRequest = z
  .discriminatedUnion('type', [mosaicRequest, resizeRequest])
  .refine(isSized, noSide)
  .openapi('JobRequest')

/** The `job` part of a form; the picture is another part. */
export const formJobRequest = z
  .discriminatedUnion('type', [mosaicRequest.omit({ input: true }), resizeRequest.omit({ input: true })])
  .refine(isSized, noSide)
  .openapi('FormJobRequest')

export type FormJobRequest = z.infer<typeof formJobRequest>
export type JobRequest = z.infer<typeof jobRequest>

/** Options of a replay. Without any, the job resumes unchanged. */
export const replayRequest = z
  .strictObject({
    params: z
      .record(z.string(), z.unknown())
      .optional()
      .openapi({
        description: 'Parameters to change, as in a new job. `null` removes one.',
        example: { distance: 8 },
      }),
  })
  .openapi('ReplayRequest')
