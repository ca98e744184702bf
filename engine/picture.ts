import { readJpegHeader } from './jpeg-header.ts'
import { PictureError } from './picture-error.ts'
import { type PictureFormat, sniffFormat } from './picture-format.ts'
import { type Sharp, sharp } from './sharp.ts'
import { isSrgbProfile } from './srgb-profile.ts'

export interface PictureLimits {
  /** Size of the file. Default 20 MiB. */
  bytes?: number
  /** Width times height of one frame. Default 50 million. */
  pixels?: number
  /** Frames of an animation, of which only the first is used. Default 500. */
  frames?: number
}

export interface PictureInfo {
  format: PictureFormat
  /** Pixels, after applying the EXIF orientation. */
  width: number
  height: number
  frames: number
  bytes: number
}

export const defaultLimits: Required<PictureLimits> = { bytes: 20 * 2 ** 20, pixels: 50e6, frames: 500 }

/** Prefixes and phrases of libvips' loaders for data that they cannot decode. */
const decodeFailure =
  /corrupt header|unsupported image format|premature end|VipsJpeg|vipspng|libpng|pngload|webp|gifload|heif:|bad seek|tiff|out of order read/i

const readableFormats = 'JPEG, PNG, WebP, AVIF, GIF or TIFF'

/**
 * Reads a picture's header, not its pixels: a truncated picture may pass.
 * @throws PictureError
 */
export async function inspectPicture(bytes: Uint8Array, limits: PictureLimits = {}): Promise<PictureInfo> {
  const allowed = { ...defaultLimits, ...limits }
  const format = readableFormat(bytes, allowed)
  const header = await sharp(bytes, { limitInputPixels: false }).metadata().catch(rethrow)
  if (header.space === 'multiband') throw colourless()
  const { width, height } = header.autoOrient
  return withinLimits({ format, width, height, frames: header.pages ?? 1, bytes: bytes.length }, allowed)
}

/**
 * The same for callers who decode the picture next and find damage then: a JPEG's size is parsed from its
 * bytes.
 * @throws PictureError
 */
export async function glanceAtPicture(bytes: Uint8Array, limits: PictureLimits = {}): Promise<PictureInfo> {
  const allowed = { ...defaultLimits, ...limits }
  const format = readableFormat(bytes, allowed)
  const header = format === 'jpeg' ? readJpegHeader(bytes) : undefined
  if (!header) return await inspectPicture(bytes, limits)
  const { width, height } = header
  return withinLimits({ format, width, height, frames: 1, bytes: bytes.length }, allowed)
}

function withinLimits(picture: PictureInfo, allowed: Required<PictureLimits>): PictureInfo {
  const { width, height, frames } = picture
  if (width * height > allowed.pixels)
    throw new PictureError(
      'too_many_pixels',
      `Expected a picture of at most ${count(allowed.pixels)} pixels but received one of ${width} x ${height}.`,
    )
  if (frames > allowed.frames)
    throw new PictureError(
      'too_many_frames',
      `Expected an animation of at most ${count(allowed.frames)} frames but received one of ${count(frames)}.`,
    )
  return picture
}

/**
 * A picture as every step of the engine expects it: upright according to EXIF, in sRGB according to its ICC
 * profile, on white where it is transparent, the first frame of an animation. Pixels are decoded when the
 * pipeline runs; pass its errors to `asPictureError`.
 *
 * @param options.transparent keeps transparency
 * @param options.animated reads all frames, stacked vertically
 * @param options.sequential decodes lines on demand, for pipelines that read each once
 * @throws PictureError for what the first bytes show: empty, too large, not a picture, an unreadable format
 */
export function openPicture(
  bytes: Uint8Array,
  limits: PictureLimits = {},
  options: { transparent?: boolean; animated?: boolean; sequential?: boolean } = {},
): Sharp {
  const allowed = { ...defaultLimits, ...limits }
  const format = readableFormat(bytes, allowed)
  const picture = sharp(bytes, {
    failOn: 'truncated',
    limitInputPixels: allowed.pixels,
    pages: options.animated ? -1 : 1,
    sequentialRead: options.sequential ?? false,
    ignoreIcc: format === 'jpeg' && isSrgbJpeg(bytes),
  })
    .autoOrient()
    .toColourspace('srgb')
  return options.transparent ? picture : picture.flatten({ background: '#fff' })
}

/** Many photos carry an sRGB profile; converting sRGB to sRGB would take four tenths of a resize's CPU. */
function isSrgbJpeg(bytes: Uint8Array): boolean {
  const profile = readJpegHeader(bytes)?.profile
  return profile !== undefined && isSrgbProfile(profile)
}

/**
 * Converts an error of sharp to a PictureError; errors that the picture did not cause are returned unchanged.
 */
export function asPictureError(error: unknown): unknown {
  if (error instanceof PictureError || !(error instanceof Error)) return error
  const { message } = error
  if (/exceeds pixel limit/i.test(message))
    return new PictureError('too_many_pixels', 'Expected a picture with fewer pixels than this one has.', {
      cause: error,
    })
  if (/Compression format has not been built in|Unsupported codec|Decoder plugin/i.test(message))
    return new PictureError(
      'unsupported_format',
      `Expected a picture in ${readableFormats} but received one in a compression that cannot be read here.`,
      { cause: error },
    )
  if (/^timeout: \d+% complete/.test(message))
    return new PictureError('took_too_long', 'The picture could not be made within the time limit.', {
      cause: error,
    })
  if (/no known route from 'multiband'/.test(message)) return colourless(error)
  if (decodeFailure.test(message)) return damaged(error)
  return error
}

/** A TIFF may have any channels, such as those of camera sensors, satellites and microscopes. */
const colourless = (cause?: unknown) =>
  new PictureError(
    'unsupported_format',
    'Expected a colour or greyscale picture but received one with other channels.',
    { cause },
  )

export const damaged = (cause: unknown) =>
  new PictureError('image_truncated', 'Expected a complete picture but its data is truncated or damaged.', {
    cause,
  })

/**
 * libvips has one error buffer per process: when two operations fail at once, one may find it empty. Reading
 * the picture again gives the reason.
 */
export const isWordless = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Unknown error'

function rethrow(error: unknown): never {
  throw asPictureError(error)
}

function readableFormat(bytes: Uint8Array, limits: Required<PictureLimits>): PictureFormat {
  if (bytes.length === 0)
    throw new PictureError('empty_input', 'Expected a picture but received an empty file.')
  if (bytes.length > limits.bytes)
    throw new PictureError(
      'image_too_large',
      `Expected a picture of at most ${count(limits.bytes)} bytes but received ${count(bytes.length)}.`,
    )
  const sniffed = sniffFormat(bytes)
  if (!sniffed)
    throw new PictureError(
      'not_an_image',
      `Expected a picture in ${readableFormats} but received something else.`,
    )
  if ('unsupported' in sniffed)
    throw new PictureError(
      'unsupported_format',
      `Expected a picture in ${readableFormats} but received ${sniffed.unsupported}, which cannot be read here.`,
    )
  return sniffed.format
}

const count = (value: number) => value.toLocaleString('en')
