/**
 * Writes the large picture from top to bottom in bands of lines. Memory holds a few of them and, for some JPEGs, the
 * code of the tiles, however large the picture is.
 */
import { type FileHandle, open, rm } from 'node:fs/promises'
import { openCodedBands } from './coded-bands.ts'
import { openEarlierBands } from './earlier-mosaic.ts'
import { inOrder } from './in-order.ts'
import { bandHeight, encodeBand, joinBand, jpegHeader } from './jpeg-bands.ts'
import type { LargeFormat } from './large-format.ts'
import type { MosaicRenderer } from './mosaic-renderer.ts'
import { joinAdler, pngBand, pngEnd, pngStart } from './png-bands.ts'
import type { Region } from './region.ts'
import type { RenderTask } from './render.ts'
import { sharp } from './sharp.ts'
import { runOnThreads } from './threads.ts'
import { needsBigTiff, tiffEnd, tiffStart } from './tiff-bands.ts'

export interface LargePicture {
  taskOf: MosaicRenderer
  width: number
  height: number
  format: LargeFormat
  /** 1..100, for lossy formats. */
  quality: number
  /** Leaves uncovered areas transparent, in all formats but JPEG. */
  transparent?: boolean | undefined
  threads: number
  signal?: AbortSignal | undefined
  /** A JPEG of an earlier mosaic, from which unchanged bands are copied. */
  earlier?: { path: string; isChanged: (region: Region) => boolean } | undefined
  /** Called once for each of {@link bandsOf}. */
  onBand: () => void
}

export const bandsOf = (width: number, height: number): number => Math.ceil(height / bandHeight(width))

/**
 * Writes the picture to `path` and returns its size. Equal pictures give equal bytes for any number of
 * threads.
 */
export async function writeLargePicture(path: string, large: LargePicture): Promise<number> {
  if (large.format === 'webp' || large.format === 'avif') return await transcode(path, large)
  await using file = await open(path, 'w')
  return await writers[large.format](new Appender(file), large)
}

class Appender {
  readonly #file: FileHandle
  written = 0
  constructor(file: FileHandle) {
    this.#file = file
  }
  async append(bytes: Uint8Array): Promise<void> {
    await this.#file.writeFile(bytes)
    this.written += bytes.length
  }
  async patch(bytes: Uint8Array, at: number): Promise<void> {
    await this.#file.write(bytes, 0, bytes.length, at)
  }
}

const writers: Record<
  Exclude<LargeFormat, 'webp' | 'avif'>,
  (file: Appender, large: LargePicture) => Promise<number>
> = {
  async jpeg(file, large) {
    const { width, height, quality, signal, threads } = large
    const fromPixels = async (band: Band) => {
      const [pixels] = await runOnThreads('renderPixels', [band], { signal, threads })
      return await encodeBand(pixels!, width, band.height, quality)
    }
    await using earlier = await earlierBands(large, fromPixels)
    /* Where most bands are copied, few tiles would be used twice. */
    const encode = (earlier ? undefined : await openCodedBands(large)) ?? fromPixels
    const kept = async (band: Band) => {
      const index = band.top / bandHeight(width)
      if (earlier && !large.earlier!.isChanged(band)) return await earlier.band(index)
      return joinBand(await encode(band), index, width, height)
    }
    for await (const band of bands(large, kept)) await file.append(band)
    return file.written
  },

  async png(file, large) {
    const { width, height, signal, threads } = large
    const channels = large.transparent ? 4 : 3
    const encode = async (band: Band, last: boolean) =>
      (
        await runOnThreads('renderPngBand', [{ ...band, last }], {
          signal,
          threads,
        })
      )[0]!
    await file.append(pngStart(width, height, channels))
    let adler = 1
    for await (const band of bands(large, encode)) {
      adler = joinAdler(adler, band)
      await file.append(pngBand(band))
    }
    await file.append(pngEnd(adler))
    return file.written
  },

  async tiff(file, large) {
    const { width, height, signal, threads } = large
    const channels = large.transparent ? 4 : 3
    const big = needsBigTiff(width, height, channels)
    const encode = async (band: Band) =>
      (await runOnThreads('renderTiffBand', [band], { signal, threads }))[0]!
    await file.append(tiffStart(big))
    const strips: { at: number; length: number }[] = []
    for await (const band of bands(large, encode)) {
      strips.push({ at: file.written, length: band.length })
      await file.append(band)
    }
    const lines = bandHeight(width)
    const { directory, pointer } = tiffEnd(width, height, lines, strips, file.written, big, { channels })
    await file.append(directory)
    await file.patch(pointer.bytes, pointer.at)
    return file.written
  },
}

type Band = RenderTask

/** The bands of an earlier JPEG, if its header shows that it was encoded with the same settings. */
async function earlierBands(large: LargePicture, encode: (band: Band) => Promise<Buffer>) {
  const { width, height, taskOf, earlier } = large
  if (!earlier) return null
  const lines = Math.min(height, bandHeight(width))
  const first = await encode(taskOf({ halvings: 0, left: 0, top: 0, width, height: lines }))
  const header = jpegHeader(joinBand(first, 0, width, height))
  return (await openEarlierBands(earlier.path, header, bandsOf(width, height))) ?? null
}

/** Bands in order, a few of them in progress at a time. */
function bands<Made>(
  large: LargePicture,
  make: (band: Band, last: boolean) => Promise<Made>,
): AsyncGenerator<Made> {
  const { taskOf, width, height, threads, onBand, transparent } = large
  const lines = bandHeight(width)
  return inOrder(Array(bandsOf(width, height)).keys(), threads + 1, async (index) => {
    const top = index * lines
    const region = { halvings: 0, left: 0, top, width, height: Math.min(lines, height - top), transparent }
    const made = await make(taskOf(region), top + region.height === height)
    onBand()
    return made
  })
}

/**
 * WebP and AVIF cannot be joined from parts: they are transcoded from a temporary TIFF, which libvips reads
 * incrementally.
 */
async function transcode(path: string, large: LargePicture): Promise<number> {
  const whole = `${path}.tiff`
  try {
    await writeLargePicture(whole, { ...large, format: 'tiff' })
    large.signal?.throwIfAborted()
    const picture = sharp(whole, { limitInputPixels: false, sequentialRead: true })
    const { quality } = large
    const encoded =
      large.format === 'webp' ? picture.webp({ quality, effort: 2 }) : picture.avif({ quality, effort: 2 })
    return (await encoded.toFile(path)).size
  } finally {
    await rm(whole, { force: true })
  }
}
