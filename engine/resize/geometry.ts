import type { Region, ResizeOptions as SharpResize } from 'sharp'
import { longestJpegSide } from '../large-format.ts'
import { PictureError } from '../picture-error.ts'
import { compass, type Output, type OutputFormat } from './options.ts'

export interface Size {
  width: number
  height: number
}

/** Longest side a format can store, pixels. WebP: 14 bits; AVIF: libheif's default limit; GIF: 16 bits. */
const longestSide: Record<OutputFormat, number> = {
  jpeg: longestJpegSide,
  png: 1e6,
  webp: 16_383,
  avif: 16_384,
  gif: 65_535,
  tiff: 1e6,
}

/** The requested sides in device pixels. */
function sides({ width, height, dpr = 1 }: Output): { width?: number; height?: number } {
  const scaled = (side: number) => Math.max(1, Math.round(side * dpr))
  return { ...(width && { width: scaled(width) }), ...(height && { height: scaled(height) }) }
}

/** The region that `crop` selects; `undefined`: all of the picture. */
export function cropRegion(picture: Size, crop: Output['crop']): Region | undefined {
  if (!crop) return undefined
  const side = (wanted: number | undefined, whole: number) =>
    wanted === undefined
      ? whole
      : Math.min(whole, Math.max(1, Math.round(wanted < 1 ? wanted * whole : wanted)))
  const size = { width: side(crop.width, picture.width), height: side(crop.height, picture.height) }
  return { ...size, ...placed(size, picture, crop) }
}

/** Size of a picture after cropping. */
export const croppedSize = (picture: Size, crop: Output['crop']): Size => cropRegion(picture, crop) ?? picture

/**
 * Upper bound on the size of the result.
 * @param picture after cropping
 */
export function outputSize(picture: Size, output: Output): Size {
  const size = sizedTo(picture, output)
  const { top, right, bottom, left } = margins(size, output)
  return { width: left + size.width + right, height: top + size.height + bottom }
}

/** Upper bound on the size of the picture within the result, without margins. */
export function sizedTo(picture: Size, output: Output): Size {
  const { width, height } = sides(output)
  if (!width && !height) return { width: picture.width, height: picture.height }
  if (output.fit !== 'outside' && width && height) return { width, height }
  const factor = Math.max(width ? width / picture.width : 0, height ? height / picture.height : 0)
  const by = output.withoutEnlargement ? Math.min(1, factor) : factor
  return { width: Math.round(picture.width * by), height: Math.round(picture.height * by) }
}

export interface Margins {
  top: number
  right: number
  bottom: number
  left: number
}

/** Pixels that `extend` and `padding` add around a picture of this size. */
export function margins(size: Size, output: Output): Margins {
  const { extend, padding = 0, dpr = 1 } = output
  const own =
    typeof padding === 'number' ? { top: padding, right: padding, bottom: padding, left: padding } : padding
  const scaled = (pixels: number) => Math.round(pixels * dpr)
  const box = extend ? extended(size, sides(output), extend) : size
  const { left, top } = extend ? placed(size, box, extend === true ? {} : extend) : { left: 0, top: 0 }
  return {
    top: top + scaled(own.top),
    right: box.width - size.width - left + scaled(own.right),
    bottom: box.height - size.height - top + scaled(own.bottom),
    left: left + scaled(own.left),
  }
}

/** The smallest box of the requested size, or aspect ratio, that contains the picture. */
function extended(
  size: Size,
  { width = 0, height = 0 }: Partial<Size>,
  extend: NonNullable<Output['extend']>,
): Size {
  if (typeof extend === 'object' && extend.to === 'ratio') {
    if (!width || !height) return size
    const factor = Math.max(size.width / width, size.height / height)
    const side = (wanted: number, least: number) => Math.max(least, Math.round(wanted * factor))
    return { width: side(width, size.width), height: side(height, size.height) }
  }
  return { width: Math.max(size.width, width), height: Math.max(size.height, height) }
}

interface Placing {
  gravity?: Output['gravity'] | undefined
  offset?: { x: number; y: number } | undefined
  focus?: { x: number; y: number } | undefined
}

/** Places a part within the whole: at a compass point, offset inwards, or centred on a focus. */
function placed(part: Size, whole: Size, { gravity = 'centre', offset, focus }: Placing) {
  const start = (length: number, all: number, toward: number, by = 0, at?: number) => {
    const inwards = Math.abs(by) < 1 ? by * all : by
    const free = all - length
    const wished =
      at !== undefined
        ? at * all - length / 2
        : toward < 0
          ? inwards
          : toward > 0
            ? free - inwards
            : free / 2 + inwards
    return Math.round(Math.min(Math.max(wished, 0), free))
  }
  const toward = (less: RegExp, more: RegExp) => (less.test(gravity) ? -1 : more.test(gravity) ? 1 : 0)
  return {
    left: start(part.width, whole.width, toward(/west/, /east/), offset?.x, focus?.x),
    top: start(part.height, whole.height, toward(/north/, /south/), offset?.y, focus?.y),
  }
}

/** @throws PictureError `output_too_large` */
export function refuseLarge(size: Size, format: OutputFormat, pixels: number): void {
  const { width, height } = size
  if (width * height <= pixels && Math.max(width, height) <= longestSide[format]) return
  throw new PictureError(
    'output_too_large',
    `Expected a result of at most ${pixels.toLocaleString('en')} pixels and, in ${format}, ${longestSide[format]} a ` +
      `side but ${width} x ${height} was requested.`,
  )
}

/** Region to extract and sharp's resize options. */
export function geometry(
  picture: Size,
  output: Output,
  background: string | object,
): { extract?: Region; resize: SharpResize } {
  const { fit = 'inside', gravity, offset, focus, withoutEnlargement = false } = output
  const { width, height } = sides(output)
  const shifted = offset && (gravity === undefined || compass.some((point) => point === gravity))
  if ((focus || shifted) && fit === 'cover' && width && height)
    return partOf(picture, { width, height }, { gravity, offset, focus }, withoutEnlargement)
  return {
    resize: {
      ...(width && { width }),
      ...(height && { height }),
      ...{ fit, withoutEnlargement, background },
      ...(gravity && { position: gravity }),
    },
  }
}

/**
 * `cover` of a chosen part: centred on the focus, or offset from an edge, within the borders of the picture.
 */
function partOf(picture: Size, wanted: Size, where: Placing, withoutEnlargement: boolean) {
  const needed = Math.max(wanted.width / picture.width, wanted.height / picture.height)
  const factor = withoutEnlargement ? Math.min(1, needed) : needed
  const part = (side: number, whole: number) => Math.max(1, Math.min(whole, Math.round(side / factor)))
  const size = { width: part(wanted.width, picture.width), height: part(wanted.height, picture.height) }
  // Offsets are in pixels of the result; fractions are the same in both.
  const inSource = (by: number) => (Math.abs(by) < 1 ? by : by / factor)
  const offset = where.offset && { x: inSource(where.offset.x), y: inSource(where.offset.y) }
  const extract = { ...placed(size, picture, { ...where, offset }), ...size }
  const result =
    factor < needed
      ? { width: Math.min(wanted.width, size.width), height: Math.min(wanted.height, size.height) }
      : wanted
  return { extract, resize: { ...result, fit: 'fill' as const } }
}
