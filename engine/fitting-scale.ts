/** Cells of a mosaic that nobody chose a scale for: 57,600 make the classic 1024 x 576 photo 10,240 px wide. */
const cells = 57_600
/** Beyond this the tiles outweigh the photo: metapixel's customary scale. */
const largest = 10

/**
 * The scale for a photo when none was asked for: what gives a mosaic of at most {@link cells} cells, so that a small
 * photo grows tenfold and a large one does not become a picture that no viewer opens.
 *
 * @param width, height of the photo, pixels
 * @param cell width of a cell in the mosaic, pixels, and `cellHeight` its height
 */
export function fittingScale(width: number, height: number, cell: number, cellHeight = cell): number {
  return Math.min(largest, Math.sqrt((cell * cellHeight * cells) / (width * height)))
}
