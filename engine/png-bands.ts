/**
 * Joins one PNG from separately compressed bands: in parallel, and without holding the picture in memory.
 * Deflate data can be split after a full flush, which ends all back-references (RFC 1951), and one zlib
 * stream may span any number of IDAT chunks (PNG specification, third edition, 10.1).
 */
import { constants, crc32, deflateRawSync } from 'node:zlib'

export interface PngBand {
  /** Raw deflate blocks, byte-aligned. */
  data: Uint8Array
  /** Adler-32 and length of the uncompressed data. */
  adler: number
  length: number
}

/** Thread task. Uses the Sub filter for all lines: for photos nearly as small as choosing the best filter. */
export function encodePngBand(
  rgb: Uint8Array,
  width: number,
  height: number,
  last: boolean,
  channels: 3 | 4 = 3,
): PngBand {
  const line = width * channels
  const filtered = new Uint8Array(height * (line + 1))
  for (let y = 0, to = 0, from = 0; y < height; y++) {
    filtered[to++] = 1
    for (let i = 0; i < channels; i++) filtered[to++] = rgb[from++]!
    for (const end = (y + 1) * line; from < end; from++) filtered[to++] = rgb[from]! - rgb[from - channels]!
  }
  const finishFlush = last ? constants.Z_FINISH : constants.Z_FULL_FLUSH
  const data = deflateRawSync(filtered, { level: 1, finishFlush })
  return { data, adler: adler32(filtered), length: filtered.length }
}

/** Signature, header, and the start of the zlib stream. */
export function pngStart(width: number, height: number, channels: 3 | 4 = 3): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  /* 8 bits, RGB or RGBA, default compression and filtering, no interlacing. */
  header.set([8, channels === 4 ? 6 : 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('sRGB', Buffer.from([0])),
    chunk('IDAT', Buffer.from([0x78, 0x01])),
  ])
}

export const pngBand = ({ data }: PngBand): Buffer => chunk('IDAT', data)

/** @param adler of all bands together: see {@link joinAdler} */
export function pngEnd(adler: number): Buffer {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(adler)
  return Buffer.concat([chunk('IDAT', checksum), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length + 12)
  out.writeUInt32BE(data.length, 0)
  out.write(type, 4, 'latin1')
  out.set(data, 8)
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8)
  return out
}

/** The largest prime below 2^16: RFC 1950, 8.2. */
const base = 65_521

function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  for (let i = 0; i < bytes.length; ) {
    /* This many sums stay below 2^31, within V8's fast integers. */
    for (const end = Math.min(i + 2000, bytes.length); i < end; i++) {
      a += bytes[i]!
      b += a
    }
    a %= base
    b %= base
  }
  return (b * 65_536 + a) >>> 0
}

/** Adler-32 of two concatenated runs of bytes, from theirs. */
export function joinAdler(first: number, second: PngBand): number {
  const a1 = first & 0xffff
  const b1 = first >>> 16
  const a2 = second.adler & 0xffff
  const b2 = second.adler >>> 16
  const a = (a1 + a2 - 1 + base) % base
  const b = (b1 + b2 + (second.length % base) * (a1 - 1 + base)) % base
  return (b * 65_536 + a) >>> 0
}
