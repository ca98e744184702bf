import { type Enlargement, enlargement, enlargeRun } from './enlarge.ts'
import { type Size, tileSizeAt } from './levels.ts'
import { linearFromSrgb } from './oklab.ts'
import { paintToned, toneLength } from './tone.ts'

/** Tiles at one size, `count * width * height * 3` bytes of sRGB. */
export interface TileSheet {
  width: number
  height: number
  pixels: Uint8Array<SharedArrayBuffer>
  /** With tone transfer, the source of toned pixels: see `engine/tone.ts`. */
  responses?: Uint16Array<SharedArrayBuffer>
}

/** The source of tiles at any size. */
export interface PaintedTiles {
  /** Width and height of a cell in the mosaic, pixels. */
  cell: Size
  /** Tiles at the sizes of level `firstSheet` (see `engine/levels.ts`) and the levels after it. */
  sheets: TileSheet[]
  firstSheet: number
  /** Tiles at their kept size, from which larger cells are enlarged. */
  kept?: TileSheet | undefined
  /** Gain and offset of each cell, with tone transfer. */
  tones?: Int16Array | undefined
}

export interface TilePainter {
  /** Of a cell, pixels. */
  width: number
  height: number
  /** Paints `length` pixels of line `y` of a tile, starting at `x`, in the tone of a cell. */
  paint(tile: number, cell: number, x: number, y: number, length: number, out: Uint8Array, to: number): void
  /**
   * Adds linear light to sums instead of painting: line `y` of the tiles of `cells` from `first` to `end`
   * (exclusive). For tiles so small that painting them first would dominate.
   */
  addRow?: AddRow
}

export type AddRow = (
  cells: Uint32Array,
  first: number,
  end: number,
  y: number,
  ...to: Parameters<AddLight>
) => void

/** Adds to `sums`, weighted by `share`, and to `next`, weighted by `rest` unless that is 0. */
export type AddLight = (share: number, sums: Float32Array, rest: number, next: Float32Array) => void

/** Paints tiles at their size at a level. */
export function tilePainter(tiles: PaintedTiles, level: number): TilePainter {
  const stored = tiles.sheets[level - tiles.firstSheet]
  if (stored) return copying(stored, tiles.tones)
  const { width, height } = tileSizeAt(tiles.cell, level)
  const { kept } = tiles
  if (!kept) throw new RangeError(`there are no tiles to paint cells of ${width} x ${height} pixels from`)
  return enlarging(kept, enlargement(kept, width, height), width, height, tiles.tones)
}

/** From this many bytes, `set` is faster than a loop. */
const longRun = 96

function copying({ width, height, pixels, responses }: TileSheet, tones?: Int16Array): TilePainter {
  const from = (tile: number, x: number, y: number) => ((tile * height + y) * width + x) * 3
  if (tones && responses)
    return {
      width,
      height,
      paint(tile, cell, x, y, length, out, to) {
        paintToned(responses, from(tile, x, y), length * 3, tones, cell * toneLength, out, to)
      },
    }
  return {
    width,
    height,
    paint(tile, _, x, y, length, out, to) {
      const start = from(tile, x, y)
      const bytes = length * 3
      if (bytes >= longRun) out.set(pixels.subarray(start, start + bytes), to)
      else for (let i = 0; i < bytes; i++) out[to + i] = pixels[start + i]!
    },
    ...(width * 3 < longRun && { addRow: adding({ width, height, pixels }) }),
  }
}

function adding({ width, height, pixels }: TileSheet): AddRow {
  const line = width * 3
  return function addRow(cells, first, end, y, share, sums, rest, next) {
    let at = 0
    for (let cell = first; cell < end; cell++) {
      let from = (cells[cell]! * height + y) * line
      const last = from + line
      /*
       * One pixel per iteration, with the common case separate: one value per iteration took half as long
       * again.
       */
      if (rest === 0)
        for (; from < last; from += 3, at += 3) {
          sums[at]! += linearFromSrgb[pixels[from]!]! * share
          sums[at + 1]! += linearFromSrgb[pixels[from + 1]!]! * share
          sums[at + 2]! += linearFromSrgb[pixels[from + 2]!]! * share
        }
      else
        for (; from < last; from += 3, at += 3) {
          const r = linearFromSrgb[pixels[from]!]!
          const g = linearFromSrgb[pixels[from + 1]!]!
          const b = linearFromSrgb[pixels[from + 2]!]!
          sums[at]! += r * share
          sums[at + 1]! += g * share
          sums[at + 2]! += b * share
          next[at]! += r * rest
          next[at + 1]! += g * rest
          next[at + 2]! += b * rest
        }
    }
  }
}

function enlarging(
  { pixels, responses }: TileSheet,
  how: Enlargement,
  width: number,
  height: number,
  tones?: Int16Array,
): TilePainter {
  if (!tones || !responses)
    return {
      width,
      height,
      paint: (tile, _, x, y, length, out, to) => enlargeRun(how, pixels, tile, x, y, length, 255, out, to),
    }
  const enlarged = new Uint16Array(width * 3)
  return {
    width,
    height,
    paint(tile, cell, x, y, length, out, to) {
      enlargeRun(how, responses, tile, x, y, length, 65_535, enlarged, 0)
      paintToned(enlarged, 0, length * 3, tones, cell * toneLength, out, to)
    },
  }
}
