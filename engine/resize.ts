/** Resizing: one picture in another size, shape or format, or in several at once. */
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

/** Raise it whenever the same options give other pixels than before: results are kept under it. */
export const resizeVersion = 1

export interface ResizeContext {
  signal?: AbortSignal
  limits?: PictureLimits
  /** The watermark's picture, when `params.watermark` is no text. */
  watermark?: Uint8Array | undefined
}

/**
 * A picture in another size: upright, in sRGB, without metadata, decoded no larger than needed (shrink-on-load). What
 * is transparent stays so, in JPEG it turns white. The first of the outputs, when `params` name several.
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
 * CPU seconds of one call, about: the step of a resize job has 300 s, and one that is cut off there begins anew, as often as it
 * may. Each output by itself stays far below.
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
 * All outputs of a picture, which is decoded once. When `signal` aborts, a heavy one stops at once and a light one is
 * left to finish its second.
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
  for (const output of outputsOf(options))
    refuseLarge(outputSize(croppedSize(picture, options.crop), output), output.format, pixels / frames)
  if (watermark) await inspectPicture(watermark, limits)
  const task = { bytes, picture, options, limits, watermark }
  // As its decoder would, once it runs. Fewer or smaller results would not help.
  if (frames > 1 && picture.width * picture.height * frames > pixels)
    throw new PictureError(
      'too_many_pixels',
      'Expected an animation with fewer pixels than this one has in all its frames.',
    )
  const seconds = estimateSeconds(picture, options)
  refuseSlow(seconds)
  return seconds < heavyFrom ? await resizeHere(task, signal) : await resizeApart(task, signal)
}
