/** Hand-made PNG files that no encoder would write: chunk by chunk (ISO/IEC 15948). */
import { crc32, deflateSync } from 'node:zlib'

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

export function pngChunk(type: string, data: Uint8Array = new Uint8Array()): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

export interface PngParts {
  /** Size in the header. */
  width: number
  height: number
  /** Pixel data before compression; default: as much as the header implies, all zero, 8 bits of grey. */
  unpacked?: number
  /** Chunks between the header and the pixels. */
  extra?: Buffer[]
  /** Chunks after the pixels. */
  tail?: Buffer[]
}

export function png({ width, height, unpacked, extra = [], tail = [] }: PngParts): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  const pixels = deflateSync(Buffer.alloc(unpacked ?? height * (width + 1)), { level: 1 })
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    ...extra,
    pngChunk('IDAT', pixels),
    ...tail,
    pngChunk('IEND'),
  ])
}

/** A chunk whose text unpacks to this many zeros. */
export const zeroText = (type: 'zTXt' | 'iCCP', bytes: number) =>
  pngChunk(type, Buffer.concat([Buffer.from('name\0\0'), deflateSync(Buffer.alloc(bytes), { level: 9 })]))
