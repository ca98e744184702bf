/**
 * One JPEG out of bands that were encoded apart: in parallel, and without holding the picture in memory.
 *
 * Each band becomes one restart interval. At a restart marker a decoder forgets what it predicted from earlier blocks,
 * as at the start of a picture; so a band's entropy-coded data may follow another's as it is, if both use the same
 * tables (ITU-T T.81, B.2.4.4 and E.2.4).
 */
import { sharp } from './sharp.ts'

/** The most lines of a band: few enough blocks for 16 bits at 65,500 px. */
const highestBand = 128
/** Raw bytes of a band, about: some of them are under way on each thread. */
const bandBytes = 4 * 2 ** 20

/** Lines of a band of a picture: a whole number of 16-pixel blocks (4:2:0), fewer where lines are long. */
export function bandHeight(width: number): number {
  const lines = Math.floor(bandBytes / (width * 3) / 16) * 16
  return Math.min(highestBand, Math.max(16, lines))
}

const marker = { startOfFrame: 0xc0, startOfScan: 0xda, restartInterval: 0xdd, firstRestart: 0xd0, end: 0xd9 }

/** Encodes the pixels of one band. Huffman tables stay the standard's, so that all bands share them. */
export function encodeBand(rgb: Uint8Array, width: number, height: number, quality: number): Promise<Buffer> {
  return sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .jpeg({ quality, chromaSubsampling: '4:2:0', optimiseCoding: false })
    .toBuffer()
}

/**
 * What to write for band `index` of a picture of `width x height` pixels, top to bottom. All but the last are
 * `bandHeight(width)` high.
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

/** A joined picture's bytes before the data of its first band. @param first what `joinBand` made of band 0 */
export function jpegHeader(first: Buffer): Buffer {
  return first.subarray(0, findSegments(first).data)
}

/** Offsets of a baseline JPEG's frame header, scan header and entropy-coded data. */
function findSegments(jpeg: Buffer): { frame: number; scan: number; data: number } {
  let frame = -1
  for (let at = 2; at + 4 <= jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const kind = jpeg[at + 1]
    if (kind === marker.startOfFrame) frame = at
    if (kind === marker.startOfScan && frame >= 0)
      return { frame, scan: at, data: at + 2 + jpeg.readUInt16BE(at + 2) }
  }
  throw new Error('expected a baseline JPEG of one scan from the encoder')
}
