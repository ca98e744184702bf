/**
 * A wall as a file for printing, made row by row: memory holds a few photos and one band, whatever the paper
 * size.
 */
import { inOrder } from './in-order.ts'
import { bandHeight, encodeBand, joinBand } from './jpeg-bands.ts'
import { pdfOfJpeg, pointsOfMm } from './pdf-page.ts'
import { asPictureError, openPicture, type PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import type { PrintSheet } from './print-sheet.ts'
import { sharp } from './sharp.ts'
import { streamedTiff } from './tiff-bands.ts'
import { tileSize } from './tile.ts'

export type PrintFormat = 'pdf' | 'tiff'

/** A photo's file, or the pixels stored in a library: sRGB, 64 px a side. */
export type WallPhoto = { photo: Uint8Array } | { pixels: Uint8Array }

export interface PrintInput {
  sheet: PrintSheet
  columns: number
  rows: number
  dpi: number
  format: PrintFormat
  /** The photo of a cell, in raster order; undefined if the cell is empty. */
  photoOf: (cell: number) => Promise<WallPhoto | undefined>
  /** The picture that the photos form, as a file. Visible through the photos and in empty cells. */
  target: Uint8Array
  /** Opacity over each photo, 0..1. */
  overlay: number
  limits?: PictureLimits
  signal?: AbortSignal
}

/** Photos decoded concurrently. */
const atOnce = 4
const quality = 90
/** The target's longer side is reduced to this, pixels: it is only a faint overlay. */
const targetSide = 2_000

/**
 * @returns the file's bytes as they are made
 * @throws PictureError for an unusable target; `signal.reason` of an abort; errors of `photoOf`. The cell of
 * an unreadable photo shows the target.
 */
export async function* printWall(input: PrintInput): AsyncGenerator<Uint8Array> {
  const { sheet, dpi } = input
  const { width, height, page } = sheet
  const bands = inBands(rowsOf(input), width)
  if (input.format === 'tiff')
    return yield* streamedTiff({ width, height, dpi, stripHeight: bandHeight(width) }, bands)
  const [box, paper] = [
    { width: (width * 72) / dpi, height: (height * 72) / dpi },
    { width: page.width * pointsOfMm, height: page.height * pointsOfMm },
  ]
  const middle = { x: (paper.width - box.width) / 2, y: (paper.height - box.height) / 2 }
  const picture = { columns: width, rows: height, box: { ...box, ...middle } }
  yield* pdfOfJpeg({ ...paper, picture }, jpegOf(bands, width, height))
}

async function* jpegOf(bands: AsyncIterable<Uint8Array>, width: number, height: number) {
  let index = 0
  for await (const band of bands) {
    const encoded = await encodeBand(band, width, band.length / width / 3, quality)
    yield joinBand(encoded, index++, width, height)
  }
}

/** Rows of cells, each `width x cell` pixels. */
async function* rowsOf(input: PrintInput): AsyncGenerator<Uint8Array> {
  const { columns, rows, sheet, overlay, signal } = input
  const { cell, width } = sheet
  const target = await readTarget(input)
  const squares = inOrder(Array(columns * rows).keys(), atOnce, async (at) => {
    signal?.throwIfAborted()
    return await squareOf(input, at)
  })
  let row: Buffer | undefined
  let at = 0
  for await (const square of squares) {
    const column = at % columns
    row ??= await target(Math.floor(at / columns))
    if (square)
      for (let y = 0; y < cell; y++) {
        const to = (y * width + column * cell) * 3
        for (let i = 0; i < cell * 3; i++)
          row[to + i] = overlay * row[to + i]! + (1 - overlay) * square[y * cell * 3 + i]!
      }
    if (column === columns - 1) {
      yield row
      row = undefined
    }
    at++
  }
}

/** Renders the background of a row of cells. */
async function readTarget({ target, columns, rows, sheet, limits }: PrintInput) {
  const shrunk = Math.min(1, targetSide / Math.max(sheet.width, sheet.height))
  /* Whole pixels per row, so that rows can be cut out. */
  const line = Math.max(1, Math.round(sheet.cell * shrunk))
  const [width, height] = [columns * line, rows * line]
  const pixels = await openPicture(target, limits)
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer()
    .catch((error) => {
      throw asPictureError(error)
    })
  return async (row: number) =>
    await sharp(pixels.subarray(row * line * width * 3, (row + 1) * line * width * 3), {
      raw: { width, height: line, channels: 3 },
    })
      .resize(sheet.width, sheet.cell, { fit: 'fill' })
      .raw()
      .toBuffer()
}

async function squareOf({ photoOf, sheet: { cell }, limits }: PrintInput, at: number) {
  const found = await photoOf(at)
  if (!found) return undefined
  try {
    const picture =
      'photo' in found
        ? openPicture(found.photo, limits)
        : sharp(found.pixels, { raw: { width: tileSize, height: tileSize, channels: 3 } })
    // Cropped like tiles.
    return await picture
      .resize(cell, cell, { fit: 'cover', position: sharp.strategy.attention })
      .removeAlpha()
      .raw()
      .toBuffer()
  } catch (error) {
    const known = asPictureError(error)
    if (known instanceof PictureError) return undefined
    throw known
  }
}

/** Regroups lines into bands of {@link bandHeight}; the last may be lower. */
async function* inBands(rows: AsyncIterable<Uint8Array>, width: number): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  const whole = bandHeight(width) * width * 3
  for await (const row of rows) {
    waiting.push(row)
    bytes += row.length
    if (bytes < whole) continue
    const all = Buffer.concat(waiting)
    let from = 0
    for (; bytes - from >= whole; from += whole) yield all.subarray(from, from + whole)
    waiting = [all.subarray(from)]
    bytes -= from
  }
  if (bytes > 0) yield Buffer.concat(waiting)
}
