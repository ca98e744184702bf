/**
 * Tile sizes at the levels of a pyramid. A cell of 320 px is 5 px after six halvings and 2.5 after seven.
 * Where it is not whole pixels, the level's tiles are rounded up to whole pixels and averaged over pixels
 * that straddle tile borders.
 */

export interface Size {
  width: number
  height: number
}

/** Size of a level's tiles, pixels. */
export const tileSizeAt = (cell: Size, halvings: number): Size => ({
  width: Math.ceil(cell.width / 2 ** halvings),
  height: Math.ceil(cell.height / 2 ** halvings),
})

/** Whether cells are whole pixels after this many halvings. If so, tiles are copied there unchanged. */
export const isWholeAt = (cell: Size, halvings: number): boolean =>
  cell.width % 2 ** halvings === 0 && cell.height % 2 ** halvings === 0

/** The last level at which cells are whole pixels. */
export function wholeLevel(cell: Size): number {
  let halvings = 0
  while (isWholeAt(cell, halvings + 1)) halvings++
  return halvings
}

/**
 * The first level at which a tile is one pixel, its mean colour; more distant views see nothing else of it.
 */
export const lastLevel = (cell: Size): number => Math.ceil(Math.log2(Math.max(cell.width, cell.height)))

/**
 * The first level, from `from` on, whose tiles are no larger than the kept pixels. Tiles of earlier levels
 * are enlarged.
 */
export function firstLevel(cell: Size, kept: Size, from = 0): number {
  for (let halvings = from; ; halvings++) {
    const { width, height } = tileSizeAt(cell, halvings)
    if ((width <= kept.width && height <= kept.height) || halvings === lastLevel(cell)) return halvings
  }
}

/**
 * The level whose tiles are used at this halving: its own or, where cells are not whole pixels, the next
 * finer one.
 */
export const levelFor = (cell: Size, halvings: number): number =>
  isWholeAt(cell, halvings) ? halvings : Math.min(halvings - 1, lastLevel(cell))
