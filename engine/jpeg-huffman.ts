/** Huffman tables of a baseline JPEG (ITU-T T.81, annexes C and F), for reading codes and for writing them. */
import { marker, segmentsOf } from './jpeg-segments.ts'

export interface HuffmanTable {
  /** By symbol. */
  codes: Uint16Array
  /** By symbol, bits; 0 where the table has no code for it. */
  lengths: Uint8Array
}

/** By class and destination of the table: 0 and 1 for DC, 16 and 17 for AC. */
export type HuffmanTables = ReadonlyMap<number, HuffmanTable>

/** Reads the tables of a JPEG with one scan. */
export function huffmanTables(jpeg: Uint8Array): HuffmanTables {
  const tables = new Map<number, HuffmanTable>()
  for (const { kind, at, end } of segmentsOf(jpeg)) {
    if (kind !== marker.huffmanTables) continue
    for (let from = at + 4; from < end; ) {
      const counts = jpeg.subarray(from + 1, from + 17)
      const count = counts.reduce((sum, n) => sum + n, 0)
      tables.set(jpeg[from]!, huffmanTable(counts, jpeg.subarray(from + 17, from + 17 + count)))
      from += 17 + count
    }
  }
  return tables
}

/** @param counts numbers of codes of 1..16 bits, whose `symbols` follow in the order of the codes */
function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const codes = new Uint16Array(256)
  const lengths = new Uint8Array(256)
  let code = 0
  let at = 0
  counts.forEach((count, i) => {
    for (let n = 0; n < count; n++, at++) {
      codes[symbols[at]!] = code++
      lengths[symbols[at]!] = i + 1
    }
    code <<= 1
  })
  return { codes, lengths }
}

/**
 * For reading: what the next 16 bits of data mean, 0 where they begin with no code.
 * @param meaning of a symbol, a number of 16 bits; `length` is that of the symbol's code, in bits
 */
export function meanings(
  { codes, lengths }: HuffmanTable,
  meaning: (symbol: number, length: number) => number,
): Uint16Array {
  const byBits = new Uint16Array(65_536)
  lengths.forEach((length, symbol) => {
    if (length === 0) return
    const first = codes[symbol]! << (16 - length)
    byBits.fill(meaning(symbol, length), first, first + (1 << (16 - length)))
  })
  return byBits
}

export interface DifferenceCodes {
  codes: Int32Array
  /** Bits. */
  lengths: Uint8Array
}

/** DC coefficients of 8-bit pictures differ by no more than this. */
export const largestDifference = 2047

/**
 * For writing: the code of a difference between DC coefficients with the bits that follow it, by the difference +
 * {@link largestDifference}. Codes begin at the highest of 32 bits.
 */
export function differenceCodes({ codes, lengths }: HuffmanTable): DifferenceCodes {
  const count = 2 * largestDifference + 1
  const all = { codes: new Int32Array(count), lengths: new Uint8Array(count) }
  for (let i = 0; i < count; i++) {
    const difference = i - largestDifference
    const size = 32 - Math.clz32(Math.abs(difference))
    const value = difference < 0 ? difference + (1 << size) - 1 : difference
    const length = lengths[size]! + size
    all.codes[i] = ((codes[size]! << size) | value) << (32 - length)
    all.lengths[i] = length
  }
  return all
}
