/** Cells of a mosaic without an explicit scale: 57,600 make a 1024 x 576 photo 10,240 px wide. */
const cells = 57_600
/** metapixel's customary scale. Beyond it the tiles dominate the photo. */
const largest = 10

/**
 * The default scale for a photo: at most 10, and at most {@link cells} cells, so that a small photo grows
 * tenfold and a large one does not become a picture that no viewer opens.
 *
 * @param width, height of the photo, pixels
 * @param cell width of a cell in the mosaic, pixels, and `cellHeight` its height
 */
export function fittingScale(width: number, height: number, cell: number, cellHeight = cell): number {
  return Math.min(largest, Math.sqrt((cell * cellHeight * cells) / (width * height)))
}
