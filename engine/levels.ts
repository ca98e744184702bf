/**
 * What tiles look like at the levels of a pyramid. A cell of 320 px is 5 px after six halvings and 2.5 after seven: where it is no
 * whole pixels, its level has tiles of the next larger whole size, and they are averaged over pixels that cut through them.
 */

export interface Size {
  width: number
  height: number
}

/** Of the tiles of a level, pixels. */
export const tileSizeAt = (cell: Size, halvings: number): Size => ({
  width: Math.ceil(cell.width / 2 ** halvings),
  height: Math.ceil(cell.height / 2 ** halvings),
})

/** Whether cells are whole pixels in the mosaic halved so often: then tiles are copied there as they are. */
export const isWholeAt = (cell: Size, halvings: number): boolean =>
  cell.width % 2 ** halvings === 0 && cell.height % 2 ** halvings === 0

/** The last level at which cells are whole pixels. */
export function wholeLevel(cell: Size): number {
  let halvings = 0
  while (isWholeAt(cell, halvings + 1)) halvings++
  return halvings
}

/** The first level at which a tile is one pixel: its mean colour, which is all that is seen of it from farther away. */
export const lastLevel = (cell: Size): number => Math.ceil(Math.log2(Math.max(cell.width, cell.height)))

/** The first level whose tiles are no larger than they are kept, `from` one on. Those of the levels before are enlarged. */
export function firstLevel(cell: Size, kept: Size, from = 0): number {
  for (let halvings = from; ; halvings++) {
    const { width, height } = tileSizeAt(cell, halvings)
    if ((width <= kept.width && height <= kept.height) || halvings === lastLevel(cell)) return halvings
  }
}

/** The level whose tiles a mosaic halved so often is painted from: its own or, where cells are no whole pixels, the next finer one. */
export const levelFor = (cell: Size, halvings: number): number =>
  isWholeAt(cell, halvings) ? halvings : Math.min(halvings - 1, lastLevel(cell))
