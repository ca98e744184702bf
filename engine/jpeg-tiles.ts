/**
 * Tiles that are JPEG-coded once and then copied to every cell that shows them.
 *
 * The blocks of a baseline JPEG depend on nothing but their own 16 x 16 pixels (4:2:0), except that each DC
 * coefficient is written as the difference from the block before. So where cells are whole multiples of 16
 * pixels, the bits of a tile are the same in all its cells, but for the first difference of each component in
 * a row of blocks. The result equals an encoding of the pixels bit for bit.
 */
import { type DifferenceCodes, huffmanTables, largestDifference, meanings } from './jpeg-huffman.ts'

/** Pixels a side of a minimum coded unit: four blocks of luminance and one of each chrominance. */
export const unitSide = 16

/** Coded rows of units of some tiles: those of the first from top to bottom, then those of the next. */
export interface CodedTiles {
  /** Entropy-coded bits without stuffed bytes, first bit highest. */
  bits: Int32Array
  /** {@link rowLength} numbers for each row of units. */
  rows: Int32Array
}

/** In bytes. */
export const sizeOf = ({ bits, rows }: CodedTiles): number => bits.byteLength + rows.byteLength

/**
 * For each component (Y, Cb, Cr) of a row: where its bits begin, behind the first difference, and end, and
 * its first and last DC coefficient. The bits of Cr reach to the end of the row.
 */
const rowLength = 12

/** Tiles below one another, as a JPEG: baseline, one scan, 4:2:0, without restart markers. */
export interface TileColumn {
  jpeg: Uint8Array
  /** Offset of its entropy-coded data. */
  data: number
  /** Pixels: whole multiples of {@link unitSide}. */
  width: number
  height: number
}

/** Finds the bits of each tile. @throws Error for a JPEG of another kind than a {@link TileColumn} is */
export function codeTiles({ jpeg, data, width, height }: TileColumn): CodedTiles {
  const tables = huffmanTables(jpeg)
  const steps = [0, 1].map((id) => ({
    dc: meanings(tables.get(id)!, (size, length) => (length << 8) | size),
    ac: meanings(tables.get(0x10 | id)!, coefficientStep),
  }))
  const { words: bits, length: bytes } = unstuffed(jpeg, data)
  const units = width / unitSide
  const rows = new Int32Array((height / unitSide) * rowLength)
  const last = new Int32Array(3)
  let at = 0
  for (let row = 0; row < rows.length; row += rowLength) {
    for (let block = 0; block < units * blocksOfUnit.length; block++) {
      const component = blocksOfUnit[block % blocksOfUnit.length]!
      const { dc, ac } = steps[component > 0 ? 1 : 0]!
      const field = row + component * 4
      const isFirst = rows[field] === 0
      /* The bits of a component end where the next one begins. */
      if (isFirst && component > 0) rows[field - 3] = at
      const entry = dc[peek(bits, at)]!
      const size = entry & 0xff
      at += entry >>> 8
      if (size > 0) {
        const value = peek(bits, at) >>> (16 - size)
        last[component]! += value >>> (size - 1) ? value : value - (1 << size) + 1
        at += size
      }
      if (isFirst) {
        rows[field] = at
        rows[field + 2] = last[component]!
      }
      rows[field + 3] = last[component]!
      for (let coefficient = 1; coefficient < 64; ) {
        const step = ac[peek(bits, at)]!
        if (step === 0) throw unlikeColumn()
        at += step >>> 8
        coefficient += step & 0xff
      }
    }
    rows[row + rowLength - 3] = at
  }
  if (Math.ceil(at / 8) !== bytes) throw unlikeColumn()
  return { bits, rows }
}

const unlikeColumn = () => new Error('expected a baseline JPEG of one scan, 4:2:0, from the encoder')

/** The 16 bits from `at` on. */
function peek(bits: Int32Array, at: number): number {
  const word = at >>> 5
  const shift = at & 31
  return ((bits[word]! << shift) | ((bits[word + 1]! >>> 1) >>> (31 - shift))) >>> 16
}

/** Components of the blocks of a unit, in order. */
const blocksOfUnit = Uint8Array.of(0, 0, 0, 0, 1, 2)

/** Bits of a code and its value << 8 | the coefficients it is about: some zeros and one more, or all the rest. */
function coefficientStep(symbol: number, length: number): number {
  const size = symbol & 0x0f
  const zeros = symbol >>> 4
  const isRest = size === 0 && zeros < 15
  return ((length + size) << 8) | (isRest ? 64 : zeros + 1)
}

/** Entropy-coded data without the zero byte after each 0xff, its bytes, and two words to read beyond its end. */
function unstuffed(jpeg: Uint8Array, data: number): { words: Int32Array; length: number } {
  const whole = jpeg.subarray(data, jpeg.length - 2)
  const words = new Int32Array(Math.ceil(whole.length / 4) + 2)
  const bytes = Buffer.from(words.buffer)
  let length = 0
  for (let from = 0; from < whole.length; ) {
    const stuffed = whole.indexOf(0xff, from)
    const to = stuffed < 0 ? whole.length : stuffed + 1
    bytes.set(whole.subarray(from, to), length)
    length += to - from
    from = to + 1
  }
  bytes.swap32()
  return { words, length }
}

/** Several lists of coded tiles as one, in shared memory. Empties `parts` on the way, so that memory holds each once. */
export function joinTiles(parts: CodedTiles[]): CodedTiles {
  const total = (of: (part: CodedTiles) => Int32Array) =>
    parts.reduce((sum, part) => sum + of(part).length, 0)
  const bits = new Int32Array(new SharedArrayBuffer(total((part) => part.bits) * 4))
  const rows = new Int32Array(new SharedArrayBuffer(total((part) => part.rows) * 4))
  let bit = 0
  let row = 0
  for (let part = parts.shift(); part; part = parts.shift()) {
    bits.set(part.bits, bit)
    for (let i = 0; i < part.rows.length; i++) rows[row + i] = part.rows[i]! + (i % 4 < 2 ? bit * 32 : 0)
    bit += part.bits.length
    row += part.rows.length
  }
  return { bits, rows }
}

/** A band of a mosaic, in the terms of a `RenderTask`, and its coded tiles. */
export interface CodedBand {
  cells: Uint32Array
  grid: { columns: number }
  /** Of a cell, pixels. */
  cell: { width: number; height: number }
  /** Of the band, in pixels of the mosaic: whole multiples of {@link unitSide}. */
  top: number
  height: number
  tiles: CodedTiles
  /** For luminance and for chrominance, by the tables that the tiles were coded with. */
  differences: readonly [DifferenceCodes, DifferenceCodes]
}

/** Entropy-coded data of a band across the whole mosaic. */
export function joinCells({
  cells,
  grid,
  cell,
  top,
  height,
  tiles,
  differences: [luminance, chrominance],
}: CodedBand): Uint8Array<ArrayBuffer> {
  const { bits, rows } = tiles
  const rowsOfCell = cell.height / unitSide
  const { columns } = grid
  const unitRows = Array.from({ length: height / unitSide }, (_, i) => top / unitSide + i)

  /** Calls back with each row of units of each cell. */
  const eachRow = (visit: (row: number) => void) => {
    for (const unitRow of unitRows) {
      const first = Math.floor(unitRow / rowsOfCell) * columns
      const inCell = unitRow % rowsOfCell
      for (let at = first; at < first + columns; at++) visit((cells[at]! * rowsOfCell + inCell) * rowLength)
    }
  }
  let most = 0
  eachRow((row) => {
    for (let field = row; field < row + rowLength; field += 4) most += rows[field + 1]! - rows[field]! + 32
  })

  const out = new Int32Array(Math.ceil(most / 32) + 1)
  let words = 0
  let filled = 0
  let open = 0
  const last = [0, 0, 0]
  eachRow((row) => {
    for (let component = 0; component < 3; component++) {
      const field = row + component * 4
      const { codes, lengths } = component > 0 ? chrominance : luminance
      const difference = rows[field + 2]! - last[component]! + largestDifference
      last[component] = rows[field + 3]!
      const code = codes[difference]!
      const length = lengths[difference]!
      open |= code >>> filled
      if (filled + length >= 32) {
        out[words++] = open
        open = (code << 1) << (31 - filled)
      }
      filled = (filled + length) & 31

      const from = rows[field]!
      let left = rows[field + 1]! - from
      const shift = from & 31
      for (let word = from >>> 5; left > 0; word++, left -= 32) {
        let next = (bits[word]! << shift) | ((bits[word + 1]! >>> 1) >>> (31 - shift))
        if (left < 32) next &= -1 << (32 - left)
        open |= next >>> filled
        if (filled + left >= 32) {
          out[words++] = open
          open = (next << 1) << (31 - filled)
        }
        if (left < 32) filled = (filled + left) & 31
      }
    }
  })
  /* The last byte is filled up with ones. */
  const total = words * 32 + filled
  const rest = -total & 7
  out[words] = open | (((1 << rest) - 1) << (32 - filled - rest))
  return stuffed(out, (total + rest) / 8)
}

/** The bytes of words, first byte highest, with the zero byte that has to follow each 0xff. */
function stuffed(words: Int32Array, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length * 2)
  const view = new DataView(bytes.buffer)
  let to = 0
  for (let at = 0; at < length; at += 4) {
    const word = words[at >>> 2]!
    const isPlain = at + 4 <= length && ((~word - 0x01010101) & word & 0x80808080) === 0
    if (isPlain) {
      view.setInt32(to, word)
      to += 4
      continue
    }
    for (let i = at; i < Math.min(at + 4, length); i++) {
      const byte = (word >>> (24 - (i & 3) * 8)) & 0xff
      bytes[to++] = byte
      if (byte === 0xff) to++
    }
  }
  return bytes.slice(0, to)
}
