/**
 * Pointy-top hexagons in rows, every other row shifted by half a hexagon. Rows are three quarters of a
 * hexagon's height apart: where they interlock, the lower quarter of the upper one lies beside the upper
 * quarter of the lower one. The picture is cropped by half a hexagon on the left and a quarter of one at the top, so
 * that all of it is covered.
 */
import type { Grid } from './grid.ts'

/** A quarter of the height of a hexagon of this width: regular except for rounding to whole pixels. */
export const quarterHeight = (width: number): number => Math.max(1, Math.round(width / (2 * Math.sqrt(3))))

interface Geometry {
  width: number
  /** A quarter of the height. Rows are three of these apart. */
  quarter: number
  /** Offset of every other row to the right. */
  shift: number
}

function geometry({
  cell,
  cellHeight = quarterHeight(cell) * 4,
}: Pick<Grid, 'cell' | 'cellHeight'>): Geometry {
  return { width: cell, quarter: cellHeight / 4, shift: cell >> 1 }
}

/** Columns and rows of hexagons that cover a picture of about this size. */
export function hexagonGrid(width: number, height: number, cell: number): Pick<Grid, 'columns' | 'rows'> {
  const quarter = quarterHeight(cell)
  return {
    columns: Math.max(1, Math.round((width + (cell >> 1)) / cell)),
    rows: Math.max(1, Math.round((height + quarter) / (quarter * 3))),
  }
}

/** Size of the picture, pixels. */
export function hexagonPicture(grid: Grid): { width: number; height: number } {
  const { width, quarter, shift } = geometry(grid)
  return { width: grid.columns * width - shift, height: grid.rows * quarter * 3 - quarter }
}

/** Left and top of a hexagon's bounding box, in pixels of the picture; may be negative at the borders. */
export function hexagonPlace(grid: Grid, column: number, row: number): { left: number; top: number } {
  const { width, quarter, shift } = geometry(grid)
  return { left: column * width + (row % 2) * shift - shift, top: row * quarter * 3 - quarter }
}

/**
 * Finds the cells along a line of the picture halved `halvings` times. Calls back with each run of pixels of
 * one cell, and where the run begins within the cell's box at that size.
 */
export function hexagonRuns(
  grid: Grid,
  halvings: number,
  y: number,
  left: number,
  right: number,
  run: (cell: number, inX: number, inY: number, from: number, length: number) => void,
): void {
  const { columns, rows } = grid
  const { width, quarter, shift } = geometry(grid)
  const factor = 2 ** halvings
  const pitch = quarter * 3
  /* Where a hexagon is not whole pixels, its tile is rounded up. */
  const boxWidth = Math.ceil(width / factor)
  const boxHeight = Math.ceil((quarter * 4) / factor)
  /* Of the pixel's centre, in pixels of the full-size mosaic before cropping. */
  const Y = Math.min(rows * pitch - 0.5, (y + 0.5) * factor + quarter)
  const row = Math.floor(Y / pitch)
  const inRow = Y - row * pitch
  /*
   * Below the upper quarter a hexagon has its full width; within it, the row above shows beside its slanted
   * sides.
   */
  const reach = inRow < quarter ? (inRow / quarter) * (width / 2) : width
  const begin = (cell: number, from: number, length: number) => {
    const place = hexagonPlace(grid, cell % columns, Math.floor(cell / columns))
    const inX = Math.floor(from + 0.5 - place.left / factor)
    const inY = Math.floor(y + 0.5 - place.top / factor)
    run(
      cell,
      Math.max(0, Math.min(boxWidth - length, inX)),
      Math.max(0, Math.min(boxHeight - 1, inY)),
      from,
      length,
    )
  }
  let current = -1
  let from = left
  for (let x = left; x < right; x++) {
    const X = Math.min(columns * width - 0.5, (x + 0.5) * factor + shift)
    const own = row % 2 === 0 ? 0 : shift
    let column = Math.floor((X - own) / width)
    let owner = row
    if (Math.abs(X - own - (column + 0.5) * width) >= reach && row > 0) {
      owner = row - 1
      column = Math.floor((X - (own === 0 ? shift : 0)) / width)
    }
    const cell = owner * columns + Math.max(0, Math.min(columns - 1, column))
    if (cell === current) continue
    if (current >= 0) begin(current, from, x - from)
    current = cell
    from = x
  }
  if (current >= 0) begin(current, from, right - from)
}
