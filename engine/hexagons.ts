/**
 * Hexagons that stand on a corner, in rows of which every other one is shifted by half a hexagon. A row is three quarters of
 * a hexagon's height from the next: where they interlock, the upper one's lower quarter lies beside the lower one's upper.
 * The picture is cut so that all of it is covered: half a hexagon on the left, a quarter of one at the top.
 */
import type { Grid } from './grid.ts'

/** Of a hexagon so wide, its quarter height: regular but for rounding to whole pixels. */
export const quarterHeight = (width: number): number => Math.max(1, Math.round(width / (2 * Math.sqrt(3))))

interface Geometry {
  width: number
  /** A quarter of the height; rows are three of these apart. */
  quarter: number
  /** Of every other row, to the right. */
  shift: number
}

function geometry({
  cell,
  cellHeight = quarterHeight(cell) * 4,
}: Pick<Grid, 'cell' | 'cellHeight'>): Geometry {
  return { width: cell, quarter: cellHeight / 4, shift: cell >> 1 }
}

/** Hexagons across and down that cover a picture of about this size. */
export function hexagonGrid(width: number, height: number, cell: number): Pick<Grid, 'columns' | 'rows'> {
  const quarter = quarterHeight(cell)
  return {
    columns: Math.max(1, Math.round((width + (cell >> 1)) / cell)),
    rows: Math.max(1, Math.round((height + quarter) / (quarter * 3))),
  }
}

/** Pixels of the picture. */
export function hexagonPicture(grid: Grid): { width: number; height: number } {
  const { width, quarter, shift } = geometry(grid)
  return { width: grid.columns * width - shift, height: grid.rows * quarter * 3 - quarter }
}

/** Left and top of the box around a hexagon, in pixels of the picture: at the borders, outside of it. */
export function hexagonPlace(grid: Grid, column: number, row: number): { left: number; top: number } {
  const { width, quarter, shift } = geometry(grid)
  return { left: column * width + (row % 2) * shift - shift, top: row * quarter * 3 - quarter }
}

/**
 * Finds who is seen along a line of the picture halved `halvings` times. Calls back with each run of pixels, which is part of one
 * cell, and where in the cell's box, at the size it has there, the run begins.
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
  /* Where a hexagon is no whole pixels, tiles are a little larger than it. */
  const boxWidth = Math.ceil(width / factor)
  const boxHeight = Math.ceil((quarter * 4) / factor)
  /* Of the pixel's middle, in pixels of the whole mosaic before it is cut. */
  const Y = Math.min(rows * pitch - 0.5, (y + 0.5) * factor + quarter)
  const row = Math.floor(Y / pitch)
  const inRow = Y - row * pitch
  /* Above this a hexagon is as wide as it gets; below, its slanted sides leave room for the row above. */
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
