import { type Enlargement, enlargement, enlargeRun } from './enlarge.ts'
import { paintToned, toneLength } from './tone.ts'

/** Tiles at one size, `count * width * height * 3` bytes of sRGB. */
export interface TileSheet {
  width: number
  height: number
  pixels: Uint8Array<SharedArrayBuffer>
  /** With tone transfer, what toned pixels are painted from: see `engine/tone.ts`. */
  responses?: Uint16Array<SharedArrayBuffer>
}

/** What tiles are painted from, at any size. */
export interface PaintedTiles {
  /** Width and height of a cell in the mosaic, pixels. */
  cell: { width: number; height: number }
  /** At the size of a cell halved `firstSheet` times, then half of that, and so on. */
  sheets: TileSheet[]
  firstSheet: number
  /** What larger cells are painted from: tiles as they are kept. */
  kept?: TileSheet | undefined
  /** Gain and offset of each cell, when tiles take on their cells' colours. */
  tones?: Int16Array | undefined
}

/** The most times that a mosaic can be halved so that its cells still have whole pixels that are there to be copied. */
export const deepestSheet = ({ sheets, firstSheet }: PaintedTiles): number =>
  sheets.length > 0 ? firstSheet + sheets.length - 1 : 0

export interface TilePainter {
  /** Of a cell, pixels. */
  width: number
  height: number
  /** Paints `length` pixels of line `y` of a tile, from its `x` on, in the tone of a cell. */
  paint(tile: number, cell: number, x: number, y: number, length: number, out: Uint8Array, to: number): void
}

/** Paints cells of a mosaic that is halved so often; less than 0 times is twice as large. */
export function tilePainter(tiles: PaintedTiles, halvings: number): TilePainter {
  const stored = tiles.sheets[halvings - tiles.firstSheet]
  if (stored) return copying(stored, tiles.tones)
  const width = tiles.cell.width / 2 ** halvings
  const height = tiles.cell.height / 2 ** halvings
  const { kept } = tiles
  if (!kept) throw new RangeError(`there are no tiles to paint cells of ${width} x ${height} pixels from`)
  return enlarging(kept, enlargement(kept, width, height), width, height, tiles.tones)
}

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
      out.set(pixels.subarray(start, start + length * 3), to)
    },
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
