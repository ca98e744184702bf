/**
 * A TIFF written band by band: each is a deflated strip with horizontal differencing (TIFF 6.0, section 14;
 * Adobe Photoshop TIFF Technical Notes, 2002, for deflate). Above 4 GB it is a BigTIFF with 64-bit offsets
 * (https://www.awaresystems.be/imaging/tiff/bigtiff.html). The directory is written last, when the sizes of
 * all strips are known.
 */
import { deflateSync } from 'node:zlib'

/** Thread task: one strip. Overwrites the pixels with their differences. */
export function encodeTiffBand(
  rgb: Uint8Array,
  width: number,
  height: number,
  channels: 3 | 4 = 3,
): Uint8Array<ArrayBuffer> {
  const line = width * channels
  for (let y = 0; y < height; y++)
    for (let i = (y + 1) * line - 1; i >= y * line + channels; i--) rgb[i]! -= rgb[i - channels]!
  return deflateSync(rgb, { level: 1 })
}

/** Whether a picture needs 64-bit offsets. Based on its raw size: deflate adds at most a thousandth. */
export const needsBigTiff = (width: number, height: number, channels: 3 | 4 = 3): boolean =>
  width * height * channels * 1.001 > 2 ** 32 - 2 ** 20

export function tiffStart(big: boolean): Buffer {
  /* The offset of the directory is filled in later: see `tiffEnd`. */
  return big
    ? Buffer.from([0x49, 0x49, 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    : Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0])
}

/** A rational is two 32-bit numbers; the denominator is always 1 here. */
const type = { short: 3, long: 4, rational: 5, long8: 16 } as const
const bytesOf = { [type.short]: 2, [type.long]: 4, [type.rational]: 8, [type.long8]: 8 } as const

/**
 * The directory and its lists, to be written at `at`, and the pointer to it, to be written at `pointer.at`.
 * @param strips position of each strip, bytes
 */
export function tiffEnd(
  width: number,
  height: number,
  rowsPerStrip: number,
  strips: { at: number; length: number }[],
  at: number,
  big: boolean,
  {
    deflated = true,
    dpi,
    channels = 3,
  }: { deflated?: boolean; dpi?: number | undefined; channels?: 3 | 4 } = {},
): { directory: Buffer; pointer: { at: number; bytes: Buffer } } {
  const offset = big ? type.long8 : type.long
  type Entry = [tag: number, type: keyof typeof bytesOf, values: number[]]
  const entries: Entry[] = [
    [256, type.long, [width]],
    [257, type.long, [height]],
    [258, type.short, Array(channels).fill(8)],
    [259, type.short, [deflated ? 8 : 1]],
    [262, type.short, [2]],
    [273, offset, strips.map((strip) => strip.at)],
    [277, type.short, [channels]],
    [278, type.long, [rowsPerStrip]],
    [279, offset, strips.map((strip) => strip.length)],
    ...(dpi === undefined
      ? []
      : ([
          [282, type.rational, [dpi]],
          [283, type.rational, [dpi]],
        ] as Entry[])),
    [284, type.short, [1]],
    // Resolution unit: inches.
    ...(dpi === undefined ? [] : ([[296, type.short, [2]]] as Entry[])),
    ...(deflated ? ([[317, type.short, [2]]] as Entry[]) : []),
    // The fourth channel is unassociated alpha.
    ...(channels === 4 ? ([[338, type.short, [2]]] as Entry[]) : []),
  ]
  const inline = big ? 8 : 4
  const entryLength = big ? 20 : 12
  const start = at + (at % 2)
  const counted = big ? 8 : 2
  const tableEnd = start - at + counted + entries.length * entryLength + inline
  const lists = entries.map(([, kind, values]) => values.length * bytesOf[kind])
  const outside = lists.reduce((sum, length) => sum + (length > inline ? length + (length % 2) : 0), 0)
  const directory = Buffer.alloc(tableEnd + outside)
  const put = (value: number, bytes: number, place: number) => {
    if (bytes === 8) directory.writeBigUInt64LE(BigInt(value), place)
    else directory.writeUIntLE(value, place, bytes)
  }
  put(entries.length, counted, start - at)
  let list = tableEnd
  entries.forEach(([tag, kind, values], i) => {
    const entry = start - at + counted + i * entryLength
    put(tag, 2, entry)
    put(kind, 2, entry + 2)
    put(values.length, inline, entry + 4)
    let place = entry + 4 + inline
    if (lists[i]! > inline) {
      put(at + list, inline, place)
      place = list
      list += lists[i]! + (lists[i]! % 2)
    }
    for (const value of values) {
      if (kind === type.rational) {
        put(Math.round(value), 4, place)
        put(1, 4, place + 4)
      } else put(value, bytesOf[kind], place)
      place += bytesOf[kind]
    }
  })
  const bytes = Buffer.alloc(inline)
  if (big) bytes.writeBigUInt64LE(BigInt(start))
  else bytes.writeUInt32LE(start)
  return { directory, pointer: { at: big ? 8 : 4, bytes } }
}

/**
 * A TIFF written sequentially: its strips are not compressed, so the directory, which locates them, can come
 * first.
 *
 * @param strips of `stripHeight` lines, the last one may be lower, sRGB
 */
export async function* streamedTiff(
  { width, height, dpi, stripHeight }: { width: number; height: number; dpi: number; stripHeight: number },
  strips: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const big = needsBigTiff(width, height)
  const start = tiffStart(big)
  const lengths = Array.from({ length: Math.ceil(height / stripHeight) }, (_, strip) => {
    return Math.min(stripHeight, height - strip * stripHeight) * width * 3
  })
  const end = (first: number) => {
    let at = first
    const placed = lengths.map((length) => {
      at += length
      return { at: at - length, length }
    })
    return tiffEnd(width, height, stripHeight, placed, start.length, big, { deflated: false, dpi })
  }
  // The directory's length does not depend on the positions of the strips.
  const { directory, pointer } = end(start.length + end(0).directory.length)
  start.set(pointer.bytes, pointer.at)
  yield start
  yield directory
  yield* strips
}
