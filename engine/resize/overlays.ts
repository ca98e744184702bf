/**
 * Overlays on the finished pixels: a watermark, then rounded corners. Applied to every frame of an animation.
 */
import type { OverlayOptions } from 'sharp'
import { PictureError } from '../picture-error.ts'
import { type Sharp, sharp } from '../sharp.ts'
import type { Output } from './options.ts'

export interface Frames {
  /** RGBA, frames stacked vertically. */
  data: Buffer
  width: number
  /** Of one frame. */
  height: number
  count: number
}

export const hasOverlays = ({ watermark, radius }: Output) => watermark !== undefined || radius !== undefined

/**
 * Composites the overlays and returns a picture to encode.
 * @param mark picture of the watermark, if it is not text
 */
export async function layOver(frames: Frames, output: Output, mark?: Uint8Array): Promise<Sharp> {
  const { width, height, count } = frames
  const layers: OverlayOptions[] = []
  if (output.watermark) layers.push(await watermarkLayer(frames, output.watermark, mark))
  if (output.radius !== undefined)
    layers.push({
      input: cornerMask(width, height, output.radius),
      blend: 'dest-in',
      left: 0,
      top: 0,
      ...mask(frames),
    })
  const every = layers.flatMap((layer) =>
    Array.from({ length: count }, (_, frame) => ({ ...layer, top: layer.top! + frame * height })),
  )
  const raw = { width, height: height * count, channels: 4 as const }
  // A mask also removes what is beside it, so frames are masked one by one.
  if (count > 1 && output.radius !== undefined) {
    const cut = await Promise.all(
      Array.from({ length: count }, (_, frame) =>
        sharp(frames.data.subarray(frame * width * height * 4, (frame + 1) * width * height * 4), {
          raw: { width, height, channels: 4 },
        })
          .composite(layers)
          .raw()
          .toBuffer(),
      ),
    )
    return sharp(Buffer.concat(cut), { raw: { ...raw, pageHeight: height } })
  }
  const laid = await sharp(frames.data, { raw }).composite(every).raw().toBuffer()
  return sharp(laid, { raw: { ...raw, ...(count > 1 && { pageHeight: height }) } })
}

const mask = ({ width, height }: Frames): Pick<OverlayOptions, 'raw'> => ({
  raw: { width, height, channels: 4 },
})

/** White where the picture stays. Corner pixels are anti-aliased by coverage. */
function cornerMask(width: number, height: number, radius: number | 'max'): Buffer {
  const rx = Math.min(radius === 'max' ? width / 2 : radius, width / 2)
  const ry = Math.min(radius === 'max' ? height / 2 : radius, height / 2)
  const pixels = Buffer.alloc(width * height * 4, 255)
  for (let y = 0; y < height; y++) {
    const dy = Math.max(0, ry - y - 0.5, y + 0.5 - (height - ry)) / ry
    if (dy === 0) continue
    for (let x = 0; x < width; x++) {
      const dx = Math.max(0, rx - x - 0.5, x + 0.5 - (width - rx)) / rx
      if (dx === 0) continue
      const beyond = (Math.hypot(dx, dy) - 1) * Math.min(rx, ry)
      pixels[(y * width + x) * 4 + 3] = Math.round(255 * Math.min(1, Math.max(0, 0.5 - beyond)))
    }
  }
  return pixels
}

async function watermarkLayer(
  { width, height }: Frames,
  { text, gravity, opacity, size, margin }: NonNullable<Output['watermark']>,
  image?: Uint8Array,
): Promise<OverlayOptions> {
  const edge = Math.min(margin, Math.floor((Math.min(width, height) - 1) / 2))
  const most = { width: width - 2 * edge, height: height - 2 * edge }
  const source = image ? sharp(image, { pages: 1 }) : textPicture(text ?? '')
  const { data, info } = await source
    .resize({
      width: Math.max(1, Math.min(most.width, Math.round(width * size))),
      height: Math.max(1, most.height),
      fit: 'inside',
    })
    .ensureAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw isTextless(error) ? nothingToSee(error) : error
    })
  for (let at = 3; at < data.length; at += 4) data[at] = Math.round(data[at]! * opacity)
  const left = /west/.test(gravity)
    ? edge
    : /east/.test(gravity)
      ? width - edge - info.width
      : (width - info.width) >> 1
  const top = /north/.test(gravity)
    ? edge
    : /south/.test(gravity)
      ? height - edge - info.height
      : (height - info.height) >> 1
  return { input: data, raw: { width: info.width, height: info.height, channels: 4 }, left, top }
}

/** Escapes Pango markup, removes NUL and other control characters, replaces unpaired surrogates. */
const asText = (text: string) =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/g, '')
    .replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`)

/** libvips' error for text without glyphs in any font. */
const isTextless = (error: unknown) => error instanceof Error && /^text: /.test(error.message)
const nothingToSee = (cause: unknown) =>
  new PictureError('invalid_option', 'Expected a watermark with visible text.', { cause })

/** Rendered large, because it is shrunk afterwards. */
const textPicture = (text: string): Sharp =>
  sharp({
    text: {
      text: `<span foreground="white" background="#00000066"> ${asText(text)} </span>`,
      ...{ font: 'sans', dpi: 400, rgba: true },
    },
  })
