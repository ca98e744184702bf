import { PictureError } from './picture-error.ts'

/** Millimetres, portrait: ISO 216. */
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
  /** Side of a cell, pixels. */
  cell: number
  /** Size of the picture on the page, pixels. */
  width: number
  height: number
}

/** Unprintable margin of most printers, millimetres. */
const margin = 5
/** Maximum pixels of a print: A0 at 300 dpi has 140 million. */
const mostPixels = 250e6
/** Below this a photo is unrecognisable. */
const smallestCell = 8

/**
 * Fits a wall of square cells onto a sheet, as large as whole pixels per cell allow, with the sheet in the
 * wall's orientation.
 *
 * @param dpi pixels per inch
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
