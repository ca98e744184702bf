/** The encoder settings of each format, and limits on their effort. */
import { PictureError } from '../picture-error.ts'
import type { Sharp } from '../sharp.ts'
import { type Output, type OutputFormat, qualityOf } from './options.ts'

/**
 * CPU seconds per megapixel of a noisy photo, by effort 0..9, measured on one core with libaom 3.15. From 3
 * to 4, sharp's default, the time grows sixfold without making the file smaller: 165 KB against 157 KB at 2.
 */
const avifSeconds = [0.13, 0.35, 0.54, 0.9, 5.6, 7, 10, 15, 30, 50] as const
const avifDefault = 2
/** Maximum CPU seconds for encoding one AVIF, whatever effort was requested. */
export const longestAvif = 20

export function avifEffort(megapixels: number, effort: number | undefined): number {
  let chosen = effort === undefined ? avifDefault : Math.round(effort * 0.9)
  while (chosen > 0 && avifSeconds[chosen]! * megapixels > longestAvif) chosen--
  return chosen
}

/** Rough CPU seconds of encoding, for deciding where to run: see `cost.ts`. */
export function encodingSeconds(megapixels: number, { format, effort, lossless }: Output): number {
  const perMegapixel: Record<OutputFormat, number> = {
    jpeg: (effort ?? 0) >= mozjpegFrom ? 0.15 : 0.015,
    png: 0.08,
    webp: lossless ? 0.7 : (effort ?? 4) > 7 ? 0.45 : 0.2,
    avif: avifSeconds[avifEffort(megapixels, effort)]!,
    gif: 2.4,
    tiff: 0.06,
  }
  return megapixels * perMegapixel[format]
}

/** From this effort JPEGs are encoded by mozjpeg, which is smaller but ten times as slow. */
const mozjpegFrom = 7

export function encode(
  picture: Sharp,
  output: Output,
  megapixels: number,
  quality = qualityOf(output),
): Sharp {
  const { format, lossless = false, progressive = false, effort, chroma } = output
  switch (format) {
    case 'jpeg':
      return picture.jpeg({
        ...{ quality, progressive },
        ...(chroma && { chromaSubsampling: chroma }),
        ...((effort ?? 0) >= mozjpegFrom && { mozjpeg: true, progressive: true }),
      })
    case 'png':
      return picture.png({
        progressive,
        ...(effort !== undefined && { compressionLevel: Math.round(effort * 0.9) }),
      })
    case 'webp':
      return picture.webp({
        ...{ quality, lossless },
        ...(effort !== undefined && { effort: Math.round(effort * 0.6) }),
      })
    case 'avif':
      return picture.avif({
        ...{ quality, lossless, effort: avifEffort(megapixels, effort) },
        ...(chroma && { chromaSubsampling: chroma }),
      })
    case 'gif':
      return picture.gif(effort === undefined ? {} : { effort: Math.max(1, effort) })
    case 'tiff':
      return picture.tiff({ compression: 'deflate', predictor: 'horizontal' })
  }
}

const hasQuality = ({ format, lossless }: Output) =>
  !lossless && (format === 'jpeg' || format === 'webp' || format === 'avif')

/** Below it, a photo is only visible blocks. */
const lowestQuality = 5

/**
 * The best quality at which the file is no larger than `maxBytes`, by binary search: at most 7 encodings.
 * @param attempt encodes at one quality
 * @throws PictureError `output_too_large`, `invalid_option`
 */
export async function withinBytes<T extends { data: Buffer }>(
  output: Output,
  maxBytes: number,
  attempt: (quality: number) => Promise<T>,
): Promise<T> {
  if (!hasQuality(output))
    throw new PictureError(
      'invalid_option',
      `Bad value for maxBytes: expected a format with a quality (JPEG, WebP, AVIF), not ${output.lossless ? 'lossless ' : ''}${output.format}.`,
    )
  const best = qualityOf(output)
  const first = await attempt(best)
  if (first.data.length <= maxBytes) return first
  let found: T | undefined
  let low = Math.min(lowestQuality, best)
  let high = best - 1
  let smallest = first.data.length
  while (low <= high) {
    const quality = found === undefined && high - low < 2 ? low : (low + high) >> 1
    const made = await attempt(quality)
    smallest = Math.min(smallest, made.data.length)
    if (made.data.length <= maxBytes) {
      found = made
      low = quality + 1
    } else high = quality - 1
  }
  if (found) return found
  throw new PictureError(
    'output_too_large',
    `Expected a file of at most ${maxBytes} bytes but received options with which ${output.format} has ${smallest} at the lowest quality: ask ` +
      'for fewer pixels.',
  )
}
