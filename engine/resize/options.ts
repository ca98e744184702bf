/** The options of a resize: one vocabulary for the engine, the API, the command and signed URLs. */
import { z } from 'zod'
import { sharp } from '../sharp.ts'

export const fits = ['cover', 'contain', 'fill', 'inside', 'outside'] as const
export const formats = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const
export type OutputFormat = (typeof formats)[number]

export const compass = [
  ...(['centre', 'north', 'northeast', 'east', 'southeast'] as const),
  ...(['south', 'southwest', 'west', 'northwest'] as const),
] as const
/** The compass points, and two that analyse the picture. */
export const gravities = [...compass, 'attention', 'entropy'] as const

const side = z.int().min(1).max(1e6)
const share = z.number().min(0).max(1)

/** Pixels, or a fraction of the whole if below 1. */
const length = z.number().gt(0).max(1e6)
const shift = z.number().min(-1e6).max(1e6)
/** Distance inwards from the gravity's edge; from the centre, to the right and down. */
const offset = z.strictObject({ x: shift.default(0), y: shift.default(0) })

export const crop = z
  .strictObject({
    width: length.optional(),
    height: length.optional(),
    gravity: z.enum(compass).optional(),
    offset: offset.optional(),
    focus: z.strictObject({ x: share, y: share }).optional(),
  })
  .refine(
    ({ width, height }) => width !== undefined || height !== undefined,
    'Expected a width, a height or both',
  )

const band = z.int().min(0).max(10_000)

/** A CSS colour; sharp's parser decides. */
export const colour = z
  .string()
  .max(64)
  .refine((text) => {
    try {
      sharp({ create: { width: 1, height: 1, channels: 4, background: text } })
      return true
    } catch {
      return false
    }
  }, 'Expected a CSS colour, such as #fc0, #ffcc0080, rgb(255 204 0) or tomato')

export const watermark = z.strictObject({
  text: z
    .string()
    .min(1)
    .max(200)
    .regex(/[^\s\p{C}\p{M}]/u, 'Expected a text with visible characters')
    .optional()
    .describe('Drawn in white on a dark background. Alternative to `image`.'),
  gravity: z.enum(compass).default('southeast'),
  opacity: share.default(0.5),
  size: z.number().min(0.01).max(1).default(0.25).describe('Width as a fraction of the result.'),
  margin: z.int().min(0).max(1000).default(8).describe('Distance from the edges, pixels.'),
})

/**
 * Options in which outputs can differ. None has a default, because `outputs` override only what they name.
 */
export const sizing = {
  width: side.optional().describe('Pixels. Without width and height the picture keeps its size.'),
  height: side.optional(),
  fit: z
    .enum(fits)
    .optional()
    .describe('How the picture fits into width and height if both are given, as in CSS object-fit.'),
  gravity: z
    .enum(gravities)
    .optional()
    .describe(
      'Which part `cover` keeps, or where `contain` places the picture. `attention` and `entropy` analyse its content.',
    ),
  focus: z
    .strictObject({ x: share, y: share })
    .optional()
    .describe('The point that `cover` centres as far as possible, as fractions of width and height.'),
  offset: offset
    .optional()
    .describe(
      'With a compass gravity: distance inwards of the part that `cover` keeps, in pixels of the result, or a fraction of it if below 1.',
    ),
  withoutEnlargement: z.boolean().optional(),
  extend: z
    .union([
      z.boolean(),
      z.strictObject({
        to: z.enum(['size', 'ratio']).default('size'),
        gravity: z.enum(compass).optional(),
        offset: offset.optional(),
      }),
    ])
    .optional()
    .describe(
      'Adds background around a picture smaller than width and height, up to that size; `ratio`: up to that aspect ratio.',
    ),
  padding: z
    .union([
      band,
      z.strictObject({
        top: band.default(0),
        right: band.default(0),
        bottom: band.default(0),
        left: band.default(0),
      }),
    ])
    .optional()
    .describe('Background around the result, in addition to width and height; pixels, multiplied by `dpr`.'),
  dpr: z.number().min(0.1).max(8).optional().describe('Device pixels per pixel of width and height.'),
}

export const encoding = {
  quality: z.int().min(1).max(100).optional().describe('JPEG, WebP, AVIF. Default 80; AVIF 60.'),
  lossless: z.boolean().optional().describe('WebP, AVIF; PNG and TIFF always are.'),
  progressive: z.boolean().optional().describe('JPEG, PNG.'),
  effort: z
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe(
      '0: fastest, 10: smallest; mapped to the range of the format. Lowered for an AVIF that would take too long.',
    ),
  chroma: z.enum(['4:2:0', '4:4:4']).optional().describe('JPEG (default 4:2:0), AVIF (default 4:4:4).'),
  maxBytes: z
    .int()
    .min(100)
    .optional()
    .describe('JPEG, WebP, AVIF: uses the best quality, at most `quality`, at which the file is no larger.'),
}

/** Processing before and after resizing, the same for all outputs of a job. */
export const treatment = {
  rotate: z
    .number()
    .min(-360)
    .max(360)
    .optional()
    .describe('Degrees, clockwise, after the EXIF orientation.'),
  flip: z.enum(['horizontal', 'vertical', 'both']).optional(),
  trim: z
    .union([
      z.boolean(),
      z.strictObject({ threshold: z.number().min(0).max(255).optional(), colour: colour.optional() }),
    ])
    .optional()
    .describe('Removes borders of one colour.'),
  crop: crop
    .optional()
    .describe(
      'The part of the picture to use, applied after rotating and trimming and before resizing. Pixels, or fractions if ' +
        'below 1; centred unless a gravity or focus is given.',
    ),
  background: colour
    .optional()
    .describe(
      'Replaces transparency, and fills what `contain`, `extend`, `padding` and `rotate` leave empty.',
    ),
  blur: z.number().min(0.3).max(100).optional().describe('Sigma, pixels of the result.'),
  sharpen: z
    .union([z.boolean(), z.number().min(0.1).max(10)])
    .optional()
    .describe('`true` for mild sharpening, or sigma.'),
  grayscale: z.boolean().optional(),
  tint: colour.optional(),
  radius: z
    .union([z.int().min(1).max(10_000), z.literal('max')])
    .optional()
    .describe('Radius of rounded corners, pixels; `max`: an ellipse.'),
  exif: z
    .enum(['strip', 'keep'])
    .optional()
    .describe('`keep`: author, description, camera and time, never the location. Default `strip`.'),
  animated: z
    .boolean()
    .optional()
    .describe('Keeps all frames instead of only the first: GIF and WebP to GIF and WebP.'),
}

const format = z.enum(formats)

export const outputName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'Expected lower-case letters, digits, - and _, at most 63')

/** Maximum outputs of one job. */
export const outputsAtMost = 20

const output = z.strictObject({ name: outputName, ...sizing, ...encoding, format: format.optional() })

export const resizeOptions = z
  .object({
    ...sizing,
    ...encoding,
    ...treatment,
    format: format.default('jpeg'),
    watermark: watermark.optional(),
    /** Several results of one picture, which is decoded once. Each inherits the options it does not set. */
    outputs: z.array(output).min(1).max(outputsAtMost).optional(),
  })
  .superRefine((options, c) => {
    const wrong = (path: string, message: string) => c.addIssue({ code: 'custom', path: [path], message })
    const names = options.outputs?.map(({ name }) => name) ?? []
    if (new Set(names).size < names.length) wrong('outputs', 'expected different names')
    if (options.animated && (options.rotate || options.trim))
      wrong('animated', 'expected no rotate or trim with it')
  })

export type ResizeOptions = z.input<typeof resizeOptions>
export type Resize = z.infer<typeof resizeOptions>
/** One output with its inherited options. */
export type Output = Omit<Resize, 'outputs'> & { name?: string }

const defaultQuality: Partial<Record<OutputFormat, number>> = { avif: 60 }

export const qualityOf = ({ quality, format }: Pick<Output, 'quality' | 'format'>) =>
  quality ?? defaultQuality[format] ?? 80

export function outputsOf({ outputs, ...shared }: Resize): Output[] {
  if (!outputs) return [shared]
  return outputs.map((own) => {
    const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
    // A width of its own implies its own shape: the shared height would distort it.
    const sized = own.width !== undefined || own.height !== undefined
    const { width: _w, height: _h, ...rest } = shared
    return { ...(sized ? rest : shared), ...given } as Output
  })
}
