import type { Region, ResizeOptions as SharpResize } from 'sharp'
import { longestJpegSide } from '../large-format.ts'
import { PictureError } from '../picture-error.ts'
import type { Output, OutputFormat } from './options.ts'

export interface Size {
  width: number
  height: number
}

/** Longest side that a format can store, pixels. WebP: 14 bits; AVIF: what libheif encodes by default; GIF: 16 bits. */
const longestSide: Record<OutputFormat, number> = {
  jpeg: longestJpegSide,
  png: 1e6,
  webp: 16_383,
  avif: 16_384,
  gif: 65_535,
  tiff: 1e6,
}

/** The sides that were asked for, in the device's pixels. */
function sides({ width, height, dpr = 1 }: Output): { width?: number; height?: number } {
  const scaled = (side: number) => Math.max(1, Math.round(side * dpr))
  return { ...(width && { width: scaled(width) }), ...(height && { height: scaled(height) }) }
}

/** The most that the result can measure. */
export function outputSize(picture: Size, output: Output): Size {
  const { width, height } = sides(output)
  if (output.fit !== 'outside' && width && height) return { width, height }
  const factor = Math.max(width ? width / picture.width : 0, height ? height / picture.height : 0)
  const by = output.withoutEnlargement ? Math.min(1, factor) : factor
  return { width: Math.round(picture.width * by), height: Math.round(picture.height * by) }
}

/** @throws PictureError `output_too_large` */
export function refuseLarge(size: Size, format: OutputFormat, pixels: number): void {
  const { width, height } = size
  if (width * height <= pixels && Math.max(width, height) <= longestSide[format]) return
  throw new PictureError(
    'output_too_large',
    `Expected a result of at most ${pixels.toLocaleString('en')} pixels and, in ${format}, ${longestSide[format]} a ` +
      `side but ${width} x ${height} was asked for.`,
  )
}

/** How much of the picture to take and what to make of it. */
export function geometry(
  picture: Size,
  output: Output,
  background: string | object,
): { extract?: Region; resize: SharpResize } {
  const { fit = 'inside', gravity, focus, withoutEnlargement = false } = output
  const { width, height } = sides(output)
  if (focus && fit === 'cover' && width && height)
    return around(picture, { width, height }, focus, withoutEnlargement)
  return {
    resize: {
      ...(width && { width }),
      ...(height && { height }),
      ...{ fit, withoutEnlargement, background },
      ...(gravity && { position: gravity }),
    },
  }
}

/** `cover` with the focus in the middle, as far as the edges let it. */
function around(picture: Size, wanted: Size, focus: { x: number; y: number }, withoutEnlargement: boolean) {
  const needed = Math.max(wanted.width / picture.width, wanted.height / picture.height)
  const factor = withoutEnlargement ? Math.min(1, needed) : needed
  const part = (side: number, whole: number) => Math.max(1, Math.min(whole, Math.round(side / factor)))
  const width = part(wanted.width, picture.width)
  const height = part(wanted.height, picture.height)
  const start = (at: number, length: number, whole: number) =>
    Math.round(Math.min(Math.max(at * whole - length / 2, 0), whole - length))
  const extract = {
    left: start(focus.x, width, picture.width),
    top: start(focus.y, height, picture.height),
    ...{ width, height },
  }
  const size =
    factor < needed
      ? { width: Math.min(wanted.width, width), height: Math.min(wanted.height, height) }
      : wanted
  return { extract, resize: { ...size, fit: 'fill' as const } }
}
