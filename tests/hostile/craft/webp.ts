/** Hand-made WebP files: lossless with a single colour, which take 30 bytes whatever their size (RFC 9649). */

/** Bits, lowest first, as in VP8L. */
function packed(fields: [value: number, bits: number][]): Buffer {
  const bits = fields.flatMap(([value, count]) => Array.from({ length: count }, (_, at) => (value >> at) & 1))
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8))
  bits.forEach((bit, at) => {
    bytes[at >> 3]! |= bit << (at & 7)
  })
  return bytes
}

function chunk(type: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}

function riff(...chunks: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks])
  return chunk('RIFF', body)
}

/** Every prefix code has one symbol, which takes no bits, so pixels take none either. */
function lossless(width: number, height: number): Buffer {
  const oneSymbol: [number, number][] = Array.from({ length: 5 }, () => [1, 4])
  return Buffer.concat([
    Buffer.of(0x2f),
    packed([
      ...([
        [width - 1, 14],
        [height - 1, 14],
        [1, 1],
        [0, 3],
      ] as [number, number][]),
      // No transform, no colour cache, one group of codes.
      ...([
        [0, 1],
        [0, 1],
        [0, 1],
      ] as [number, number][]),
      ...oneSymbol,
    ]),
    Buffer.alloc(8),
  ])
}

export const webp = (width: number, height: number) => riff(chunk('VP8L', lossless(width, height)))

const uint24 = (value: number) => Buffer.of(value & 255, (value >> 8) & 255, (value >> 16) & 255)

function extended(width: number, height: number, flags: number): Buffer {
  return chunk('VP8X', Buffer.concat([Buffer.of(flags, 0, 0, 0), uint24(width - 1), uint24(height - 1)]))
}

/** A canvas, and frames of one pixel on it. */
export function animatedWebp(width: number, height: number, frames: number): Buffer {
  const image = chunk('VP8L', lossless(1, 1))
  const frame = chunk(
    'ANMF',
    Buffer.concat([uint24(0), uint24(0), uint24(0), uint24(0), uint24(10), Buffer.of(0), image]),
  )
  const animation = chunk('ANIM', Buffer.alloc(6))
  return riff(extended(width, height, 0b10), animation, ...Array<Buffer>(frames).fill(frame))
}

/** Claims this size, and has one pixel. */
export const lyingWebp = (width: number, height: number) =>
  riff(extended(width, height, 0b10000), chunk('VP8L', lossless(1, 1)))
