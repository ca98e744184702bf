import { PictureError } from './picture-error.ts'

/** Millimetres, upright: ISO 216. */
export const papers = {
  A5: { width: 148, height: 210 },
  A4: { width: 210, height: 297 },
  A3: { width: 297, height: 420 },
  A2: { width: 420, height: 594 },
  A1: { width: 594, height: 841 },
  A0: { width: 841, height: 1189 },
} as const
export type Paper = keyof typeof papers

export interface PrintSheet {
  /** Millimetres. */
  page: { width: number; height: number }
  /** Pixels of a cell's side. */
  cell: number
  /** Of the picture on it, pixels. */
  width: number
  height: number
}

/** Most printers leave this much of an edge white, millimetres. */
const margin = 5
/** What a print may have, pixels: A0 at 300 dpi is 140 million. */
const mostPixels = 250e6
/** Below, nobody sees a photo in it. */
const smallestCell = 8

/**
 * How a wall of square cells lies on a sheet: as large as whole cells allow, the sheet turned to its shape.
 *
 * @param dpi pixels an inch
 * @throws PictureError `output_too_large`, `invalid_option`
 */
export function layOutPrint(
  { columns, rows }: { columns: number; rows: number },
  { width: a, height: b }: { width: number; height: number },
  dpi: number,
): PrintSheet {
  const [short, long] = [Math.min(a, b), Math.max(a, b)]
  const page = columns > rows ? { width: long, height: short } : { width: short, height: long }
  const pixels = (mm: number) => ((mm - 2 * margin) / 25.4) * dpi
  const cell = Math.floor(Math.min(pixels(page.width) / columns, pixels(page.height) / rows))
  if (cell < smallestCell)
    throw new PictureError(
      'invalid_option',
      `Expected at least ${smallestCell} pixels for each of ${columns} x ${rows} photos, ${page.width} x ${page.height} mm at ${dpi} dpi ` +
        `have ${Math.max(0, cell)}: choose a larger paper or more dpi.`,
    )
  const [width, height] = [columns * cell, rows * cell]
  if (width * height > mostPixels)
    throw new PictureError(
      'output_too_large',
      `Expected a print of at most ${mostPixels.toLocaleString('en')} pixels, ${page.width} x ${page.height} mm at ${dpi} dpi have ` +
        `${(width * height).toLocaleString('en')}: choose fewer dpi.`,
    )
  return { page, cell, width, height }
}
