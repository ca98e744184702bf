/**
 * Joins one JPEG from separately encoded bands: in parallel, and without holding the picture in memory.
 *
 * Each band becomes one restart interval. At a restart marker a decoder resets its predictors, as at the
 * start of a picture, so the entropy-coded data of bands can be concatenated unchanged if all use the same
 * tables (ITU-T T.81, B.2.4.4 and E.2.4).
 */
import { marker, segmentsOf } from './jpeg-segments.ts'
import { sharp } from './sharp.ts'

/** Maximum lines of a band, so that its blocks can be counted in 16 bits at 65,500 px. */
const highestBand = 128
/** Approximate raw bytes of a band; each thread has a few in progress. */
const bandBytes = 4 * 2 ** 20

/** Lines of a band: a multiple of the 16-pixel blocks (4:2:0), fewer where lines are long. */
export function bandHeight(width: number): number {
  const lines = Math.floor(bandBytes / (width * 3) / 16) * 16
  return Math.min(highestBand, Math.max(16, lines))
}

/** Encodes one band with the standard Huffman tables, so that all bands share them. */
export function encodeBand(rgb: Uint8Array, width: number, height: number, quality: number): Promise<Buffer> {
  return sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .jpeg({ quality, chromaSubsampling: '4:2:0', optimiseCoding: false })
    .toBuffer()
}

/**
 * The bytes to write for band `index`, top to bottom, of a picture of `width x height` pixels. All bands but
 * the last are `bandHeight(width)` high.
 */
export function joinBand(band: Buffer, index: number, width: number, height: number): Buffer {
  const { frame, scan, data } = findSegments(band)
  const last = (index + 1) * bandHeight(width) >= height
  const body = band.subarray(data, band.length - 2)
  const tail = Buffer.from([0xff, last ? marker.end : marker.firstRestart + (index % 8)])
  if (index > 0) return Buffer.concat([body, tail])
  const header = Buffer.from(band.subarray(0, scan))
  header.writeUInt16BE(height, frame + 5)
  const interval = Buffer.from([0xff, marker.restartInterval, 0, 4, 0, 0])
  interval.writeUInt16BE(Math.ceil(width / 16) * (bandHeight(width) / 16), 4)
  return Buffer.concat([header, interval, band.subarray(scan, data), body, tail])
}

/** The bytes of a JPEG before its entropy-coded data. */
export function jpegHeader(jpeg: Buffer): Buffer {
  return jpeg.subarray(0, findSegments(jpeg).data)
}

/** A JPEG from its entropy-coded data. @param like the header of one with the same settings, of any size */
export function withHeader(like: Uint8Array, width: number, height: number, data: Uint8Array): Buffer {
  const header = Buffer.from(like)
  const { frame } = findSegments(header)
  header.writeUInt16BE(height, frame + 5)
  header.writeUInt16BE(width, frame + 7)
  return Buffer.concat([header, data, Buffer.from([0xff, marker.end])])
}

/** Offsets of a baseline JPEG's frame header, scan header and entropy-coded data. */
function findSegments(jpeg: Buffer): { frame: number; scan: number; data: number } {
  let frame = -1
  for (const { kind, at, end } of segmentsOf(jpeg)) {
    if (kind === marker.startOfFrame) frame = at
    if (kind === marker.startOfScan && frame >= 0) return { frame, scan: at, data: end }
  }
  throw new Error('expected a baseline JPEG of one scan from the encoder')
}
