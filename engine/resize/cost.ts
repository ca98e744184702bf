/** What a resize will roughly cost, from the header and the options alone: heavy ones run in a process of their own. */
import type { PictureInfo } from '../picture.ts'
import { encodingSeconds } from './encode.ts'
import { croppedSize, outputSize } from './geometry.ts'
import { type Output, outputsOf, type Resize } from './options.ts'

/**
 * CPU seconds from which on a resize is heavy. libvips cannot be stopped within an encoding, so this is how long a
 * canceled one goes on; a process of its own costs 0.2 to 0.3 s to start.
 */
export const heavyFrom = 1

/** Decoding a megapixel, CPU seconds. */
const decoding = { jpeg: 0.012, png: 0.04, webp: 0.03, avif: 0.06, gif: 0.02, tiff: 0.03 }

/** Encodings that the search for a file size takes on average. */
const searched = 6

export function estimateSeconds(picture: PictureInfo, options: Resize): number {
  const frames = options.animated ? picture.frames : 1
  const megapixels = (picture.width * picture.height * frames) / 1e6
  const turned = options.rotate || options.trim ? 0.1 * megapixels : 0
  const outputs = outputsOf(options).map((output) => outputSeconds(picture, output, frames))
  return megapixels * decoding[picture.format] + turned + outputs.reduce((sum, seconds) => sum + seconds, 0)
}

function outputSeconds(picture: PictureInfo, output: Output, frames: number): number {
  const whole = croppedSize(picture, output.crop)
  const most = outputSize(whole, output)
  const isPadded = output.fit === 'contain' || output.extend || output.padding !== undefined
  const isBound = output.withoutEnlargement && !isPadded
  const width = isBound ? Math.min(most.width, whole.width) : most.width
  const height = isBound ? Math.min(most.height, whole.height) : most.height
  const megapixels = (width * height * frames) / 1e6
  const effects =
    (output.blur ? 0.05 + 0.01 * output.blur : 0) +
    (output.sharpen ? 0.05 : 0) +
    (output.watermark || output.radius ? 0.1 : 0)
  return megapixels * effects + encodingSeconds(megapixels, output) * (output.maxBytes ? searched : 1)
}
