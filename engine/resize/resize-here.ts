/** Makes all outputs of one picture in this process. */
import type { Region, Sharp } from 'sharp'
import { asPictureError, openPicture, type PictureInfo, type PictureLimits } from '../picture.ts'
import { sharp } from '../sharp.ts'
import { applyEffects } from './effects.ts'
import { encode, withinBytes } from './encode.ts'
import { cropRegion, geometry, outputSize, sizedTo } from './geometry.ts'
import { keptMetadata } from './kept-metadata.ts'
import { type Output, type OutputFormat, outputsOf, type Resize } from './options.ts'
import { hasOverlays, layOver } from './overlays.ts'
import { isSurrounded, surround } from './surround.ts'

export interface ResizedPicture {
  /** Of one of several outputs. */
  name?: string
  bytes: Buffer
  width: number
  height: number
  format: OutputFormat
  contentType: string
}

export interface ResizeTask {
  bytes: Uint8Array
  /** From its header. */
  picture: PictureInfo
  options: Resize
  limits?: PictureLimits | undefined
  /** The picture of `options.watermark`, if that has no text. */
  watermark?: Uint8Array | undefined
}

/** Time limit in seconds for one libvips pass. */
const longestPass = 120

/** @throws PictureError; `signal.reason` when aborted between two passes */
export async function resizeHere(task: ResizeTask, signal?: AbortSignal): Promise<ResizedPicture[]> {
  try {
    const outputs = outputsOf(task.options)
    const source = await openSource(task, outputs)
    const exif = task.options.exif === 'keep' ? await keptMetadata(task.bytes) : undefined
    const made: ResizedPicture[] = []
    for (const output of outputs) {
      signal?.throwIfAborted()
      made.push(
        await makeOutput(source, output, task, (picture) => (exif ? picture.withExif(exif) : picture)),
      )
    }
    signal?.throwIfAborted()
    return made
  } catch (error) {
    throw asPictureError(error)
  }
}

interface Source {
  /** Of one frame, pixels. */
  width: number
  height: number
  frames: number
  /** The region to use, if not all of it. */
  region?: Region | undefined
  /** Starts a new pipeline. */
  open: () => Sharp
}

/**
 * The picture from which the outputs are made. Usually the file itself, so that JPEGs are decoded no larger
 * than needed. If it is rotated, trimmed or used several times it is decoded once into pixels; for several
 * outputs, no larger than the largest needs.
 */
async function openSource(task: ResizeTask, outputs: Output[]): Promise<Source> {
  const { bytes, picture, options, limits } = task
  const { rotate, trim, crop, background } = options
  const animated = isAnimated(task)
  const open = () =>
    openPicture(bytes, limits, { transparent: true, animated }).timeout({ seconds: longestPass })
  const { width, height } = picture
  const region = cropRegion(picture, crop)
  const direct = { width, height, frames: animated ? picture.frames : 1, region, open }
  if (!rotate && !trim && (outputs.length === 1 || animated)) return direct

  let pixels = open()
  if (rotate) pixels = pixels.rotate(rotate, { background: background ?? transparent })
  if (trim)
    pixels = pixels.trim({
      ...(trim !== true && trim.threshold !== undefined && { threshold: trim.threshold }),
      ...(trim !== true && trim.colour !== undefined && { background: trim.colour }),
    })
  const whole = !rotate && !trim
  const taken = whole && region ? region : { width, height }
  if (whole && region) pixels = pixels.extract(region)
  const needed = Math.max(
    ...outputs.map((output) => {
      const size = sizedTo(taken, output)
      return Math.max(size.width / taken.width, size.height / taken.height)
    }),
  )
  if (whole && needed < 1)
    pixels = pixels.resize(Math.ceil(taken.width * needed), Math.ceil(taken.height * needed), { fit: 'fill' })
  const { data, info } = await pixels.raw().toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  return {
    ...{ width: info.width, height: info.height, frames: 1 },
    // The crop of a rotated or trimmed picture depends on its new size.
    ...(!whole && { region: cropRegion(info, crop) }),
    open: () => sharp(data, { raw }).timeout({ seconds: longestPass }),
  }
}

const transparent = { r: 0, g: 0, b: 0, alpha: 0 }

const isAnimated = ({ options, picture }: ResizeTask) => options.animated === true && picture.frames > 1

/** JPEG has no transparency; other formats lose it when a background is set. */
function backdrop({ format, background }: Output): string | undefined {
  if (format === 'jpeg') return background ?? '#fff'
  return background !== undefined && isOpaque(background) ? background : undefined
}

const isOpaque = (colour: string) =>
  !/^(transparent|#([\da-f]{4}|[\da-f]{8}))$|[/]|^(rgb|hsl)a/i.test(colour.trim())

async function makeOutput(
  source: Source,
  output: Output,
  task: ResizeTask,
  describe: (picture: Sharp) => Sharp,
): Promise<ResizedPicture> {
  const behind = backdrop(output)
  const ground = behind ?? output.background ?? transparent
  const taken = source.region ?? source
  const { extract, resize } = geometry(taken, output, ground)
  // Formats without animation get only the first frame.
  const still = source.frames > 1 && output.format !== 'gif' && output.format !== 'webp'
  let picture = still ? openPicture(task.bytes, task.limits, { transparent: true }) : source.open()
  const region = extract && source.region ? within(source.region, extract) : (extract ?? source.region)
  if (region) picture.extract(region)
  picture.resize(resize)
  applyEffects(picture, output)
  if (isSurrounded(output)) picture = await surround(await inColour(picture), output, ground)

  const timing = source.frames > 1 && !still ? await timingOf(task.bytes) : undefined
  if (hasOverlays(output)) {
    const { data, info } = await withFourChannels(picture)
    const height = info.pageHeight ?? info.height
    const frames = { data, width: info.width, height, count: info.height / height }
    picture = await layOver(frames, output, task.watermark)
  }
  if (behind !== undefined) picture.flatten({ background: behind })

  const size = outputSize(taken, output)
  const megapixels = (size.width * size.height * source.frames) / 1e6
  const finish = (pixels: Sharp, quality?: number) => {
    const encoded = describe(encode(pixels, output, megapixels, quality))
    if (timing && output.format === 'gif') encoded.gif(timing)
    if (timing && output.format === 'webp') encoded.webp(timing)
    return encoded.timeout({ seconds: longestPass }).toBuffer({ resolveWithObject: true })
  }
  const { data, info } = output.maxBytes
    ? await withinBytes(output, output.maxBytes, await encodings(picture, finish))
    : await finish(picture)
  return {
    ...(output.name !== undefined && { name: output.name }),
    ...{ bytes: data, width: info.width, height: info.pageHeight ?? info.height, format: output.format },
    contentType: `image/${output.format}`,
  }
}

const within = (outer: Region, inner: Region): Region => ({
  ...inner,
  left: outer.left + inner.left,
  top: outer.top + inner.top,
})

/** RGB or RGBA, because the surroundings of a grayscale picture may be coloured. */
async function inColour(picture: Sharp) {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true })
  if (info.channels >= 3) return { data, info }
  const { width, height, channels, pageHeight } = info
  return await withFourChannels(
    sharp(data, { raw: { width, height, channels, ...(pageHeight && { pageHeight }) } }),
  )
}

/** RGBA in any case: libvips may return a grayscale picture with one channel although sRGB was requested. */
async function withFourChannels(picture: Sharp) {
  const rgba = (pixels: Sharp) =>
    pixels.ensureAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const { data, info } = await rgba(picture)
  const { width, height, channels, pageHeight } = info
  if (channels === 4) return { data, info }
  const wider = await rgba(sharp(data, { raw: { width, height, channels } }))
  return { data: wider.data, info: { ...wider.info, ...(pageHeight !== undefined && { pageHeight }) } }
}

type Encoded = { data: Buffer; info: { width: number; height: number; pageHeight?: number | undefined } }

/** Resizes once and encodes the same pixels repeatedly. */
async function encodings(picture: Sharp, finish: (pixels: Sharp, quality: number) => Promise<Encoded>) {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels, pageHeight } = info
  const raw = {
    width,
    height,
    channels,
    ...(pageHeight !== undefined && pageHeight < height && { pageHeight }),
  }
  return (quality: number) => finish(sharp(data, { raw }), quality)
}

async function timingOf(bytes: Uint8Array) {
  const { delay, loop } = await sharp(bytes).metadata()
  return { ...(delay && { delay }), ...(loop !== undefined && { loop }) }
}
