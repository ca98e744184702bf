import { z } from 'zod'
import { longestJpegSide, parseOptions } from './options.ts'
import { asPictureError, defaultLimits, inspectPicture, openPicture, type PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'

/** Longest side that a format can store, pixels. WebP: 14 bits; AVIF: what libheif encodes by default. */
const longestSide = { jpeg: longestJpegSide, png: 1e6, webp: 16_383, avif: 16_384 }
const side = z.int().min(1).max(1e6).optional()

const resizeOptions = z
  .object({
    /** Pixels; at least one of the two. */
    width: side,
    height: side,
    fit: z.enum(['cover', 'contain', 'fill', 'inside', 'outside']).default('inside'),
    format: z.enum(['jpeg', 'png', 'webp', 'avif']).default('jpeg'),
    /** 1..100. PNG is lossless and has none. */
    quality: z.int().min(1).max(100).default(80),
    withoutEnlargement: z.boolean().default(false),
  })
  .refine(({ width, height }) => width || height, {
    message: 'expected at least one',
    path: ['width or height'],
  })

export type ResizeOptions = z.input<typeof resizeOptions>

export interface ResizedPicture {
  bytes: Buffer
  width: number
  height: number
  format: 'jpeg' | 'png' | 'webp' | 'avif'
  contentType: string
}

/**
 * A picture in another size: upright, in sRGB, without metadata, decoded no larger than needed (shrink-on-load). What
 * is transparent stays so, in JPEG it turns white.
 *
 * @throws PictureError; `signal.reason` when aborted before or while it runs
 */
export async function resizePicture(
  bytes: Uint8Array,
  params: ResizeOptions,
  { signal, limits }: { signal?: AbortSignal; limits?: PictureLimits } = {},
): Promise<ResizedPicture> {
  const { format, quality, ...size } = parseOptions(resizeOptions, params)
  signal?.throwIfAborted()
  const picture = await inspectPicture(bytes, limits)
  refuseLarge(outputSize(picture, size), format, limits?.pixels ?? defaultLimits.pixels)
  const { width, height, fit, withoutEnlargement } = size
  const background = format === 'jpeg' ? '#fff' : { r: 0, g: 0, b: 0, alpha: 0 }
  try {
    const { data, info } = await openPicture(bytes, limits, { transparent: format !== 'jpeg' })
      .resize({ ...(width && { width }), ...(height && { height }), fit, withoutEnlargement, background })
      .toFormat(format, format === 'png' ? {} : { quality })
      .toBuffer({ resolveWithObject: true })
    signal?.throwIfAborted()
    return { bytes: data, width: info.width, height: info.height, format, contentType: `image/${format}` }
  } catch (error) {
    throw asPictureError(error)
  }
}

type Size = { width: number; height: number }

/** The most that the result can measure. */
function outputSize(
  picture: Size,
  { width, height, fit, withoutEnlargement }: Omit<z.infer<typeof resizeOptions>, 'format' | 'quality'>,
): Size {
  const x = width ? width / picture.width : undefined
  const y = height ? height / picture.height : undefined
  if (fit !== 'outside' && width && height) return { width, height }
  const factor = Math.max(x ?? 0, y ?? 0)
  const by = withoutEnlargement ? Math.min(1, factor) : factor
  return { width: Math.round(picture.width * by), height: Math.round(picture.height * by) }
}

function refuseLarge({ width, height }: Size, format: keyof typeof longestSide, pixels: number): void {
  if (width * height <= pixels && Math.max(width, height) <= longestSide[format]) return
  throw new PictureError(
    'output_too_large',
    `Expected a result of at most ${pixels.toLocaleString('en')} pixels and, in ${format}, ${longestSide[format]} a ` +
      `side but ${width} x ${height} was asked for.`,
  )
}
