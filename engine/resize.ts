/** Resizing: converts one picture to another size, shape or format, or to several at once. */
import { resizeApart } from './apart/resize-apart.ts'
import { parseOptions } from './options.ts'
import { defaultLimits, glanceAtPicture, inspectPicture, type PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import { estimateSeconds, heavyFrom } from './resize/cost.ts'
import { croppedSize, outputSize, refuseLarge } from './resize/geometry.ts'
import { outputsOf, type ResizeOptions, resizeOptions } from './resize/options.ts'
import { type ResizedPicture, resizeHere } from './resize/resize-here.ts'

export type { ResizeOptions } from './resize/options.ts'
export type { ResizedPicture } from './resize/resize-here.ts'

/** Increment whenever the same options give different pixels: results are cached under it. */
export const resizeVersion = 1

export interface ResizeContext {
  signal?: AbortSignal
  limits?: PictureLimits
  /** The watermark's picture, if `params.watermark` has no text. */
  watermark?: Uint8Array | undefined
}

/**
 * Resizes a picture: upright, in sRGB, without metadata, decoded no larger than needed (shrink-on-load).
 * Transparency is kept, or becomes white in JPEG. If `params` have several outputs, makes the first.
 *
 * @throws PictureError; `signal.reason` when aborted before or while it runs
 */
export async function resizePicture(
  bytes: Uint8Array,
  params: ResizeOptions,
  context: ResizeContext = {},
): Promise<ResizedPicture> {
  const [first] = await resizePictures(bytes, params, context)
  return first!
}

/**
 * CPU seconds of one call, estimated. The step of a resize job has 300 s; one that is cut off there starts again from the
 * beginning, as often as its retries allow. A single output stays far below.
 */
const longestWork = 200

/** @throws PictureError `took_too_long` */
function refuseSlow(seconds: number): void {
  if (seconds <= longestWork) return
  throw new PictureError(
    'took_too_long',
    `Expected results that take at most ${longestWork} s of processor time but these would take about ${Math.round(seconds)} s: ask ` +
      'for fewer or smaller ones, another format, or no maxBytes.',
  )
}

/**
 * All outputs of a picture, which is decoded once. When `signal` aborts, a heavy resize stops at once and a
 * light one finishes within about a second.
 *
 * @throws PictureError; `signal.reason`
 */
export async function resizePictures(
  bytes: Uint8Array,
  params: ResizeOptions,
  { signal, limits, watermark }: ResizeContext = {},
): Promise<ResizedPicture[]> {
  const options = parseOptions(resizeOptions, params)
  signal?.throwIfAborted()
  const picture = await glanceAtPicture(bytes, limits)
  const pixels = limits?.pixels ?? defaultLimits.pixels
  const frames = options.animated ? picture.frames : 1
  if (frames > 1 && picture.width * picture.height * frames > pixels)
    throw new PictureError(
      'too_many_pixels',
      'Expected an animation with fewer pixels than this one has in all its frames.',
    )
  for (const output of outputsOf(options))
    refuseLarge(outputSize(croppedSize(picture, options.crop), output), output.format, pixels / frames)
  if (watermark) await inspectPicture(watermark, limits)
  const task = { bytes, picture, options, limits, watermark }
  const seconds = estimateSeconds(picture, options)
  refuseSlow(seconds)
  return seconds < heavyFrom ? await resizeHere(task, signal) : await resizeApart(task, signal)
}
