import { hexagonGrid, hexagonPicture, hexagonPlace, quarterHeight } from './hexagons.ts'
import { longestSide } from './large-format.ts'
import type { MosaicOptions } from './options.ts'
import { PictureError } from './picture-error.ts'
import { isPlaced, neighboursIn, type Places, placeOf } from './places.ts'

export interface Grid {
  columns: number
  rows: number
  /** Width of a cell in the mosaic, pixels; also its height unless `cellHeight` is set. */
  cell: number
  cellHeight?: number
  /** Absent: rectangles, edge to edge. For hexagons, width and height are those of the bounding box. */
  layout?: 'hexagons'
  /**
   * The cells, if they are not the complete grid or differ in size. `columns` and `rows` count the smallest.
   */
  places?: Places
}

export const cellHeight = ({ cell, cellHeight = cell }: Pick<Grid, 'cell' | 'cellHeight'>): number =>
  cellHeight

/**
 * The grid that covers a target: the number of cells closest to its scaled size, at least one each way. A
 * mosaic consists of whole cells, so the target is stretched by less than half a cell and nothing is cropped.
 *
 * @throws PictureError `output_too_large` when there are too many cells, or a side exceeds the format's limit
 */
export function gridFor(
  width: number,
  height: number,
  options: Pick<MosaicOptions, 'cell' | 'scale'> &
    Partial<Pick<MosaicOptions, 'cellHeight' | 'layout' | 'format'>>,
): Grid {
  const { cell, scale, format = 'jpeg' } = options
  const grid = layOut(width * scale, height * scale, options)
  if (grid.columns * grid.rows > mostCells)
    throw new PictureError(
      'output_too_large',
      `Expected a mosaic of at most ${mostCells.toLocaleString('en')} cells but ${width} x ${height} pixels at scale ` +
        `${scale} make ${(grid.columns * grid.rows).toLocaleString('en')} of ${cell} x ${cellHeight(grid)} pixels: choose larger cells or a ` +
        `scale of at most ${roundDown(Math.sqrt((cell * cellHeight(grid) * mostCells) / (width * height)))}.`,
    )
  const picture = mosaicSize(grid)
  const longest = Math.max(picture.width, picture.height)
  const most = longestSide[format]
  if (longest > most)
    throw new PictureError(
      'output_too_large',
      `Expected a mosaic of at most ${most} pixels a side as ${format.toUpperCase()} but ${width} x ${height} pixels at scale ${scale} ` +
        `make ${longest}: choose a scale of at most ${roundDown(most / Math.max(width, height))}${
          format === 'jpeg' || format === 'webp' || format === 'avif' ? ', or PNG or TIFF' : ''
        }.`,
    )
  return grid
}

function layOut(
  width: number,
  height: number,
  {
    cell,
    cellHeight = cell,
    layout,
  }: Pick<MosaicOptions, 'cell'> & Partial<Pick<MosaicOptions, 'cellHeight' | 'layout'>>,
): Grid {
  if (layout === 'hexagons')
    return { ...hexagonGrid(width, height, cell), cell, cellHeight: quarterHeight(cell) * 4, layout }
  return {
    columns: Math.max(1, Math.round(width / cell)),
    rows: Math.max(1, Math.round(height / cellHeight)),
    cell,
    ...(cellHeight !== cell && { cellHeight }),
  }
}

/** Of the whole mosaic, pixels. */
export function mosaicSize(grid: Grid): { width: number; height: number } {
  if (grid.layout === 'hexagons') return hexagonPicture(grid)
  return { width: grid.columns * grid.cell, height: grid.rows * cellHeight(grid) }
}

/** How cells are enumerated: in rows across the mosaic, or one after the other if their places are listed. */
export const linesOf = ({ columns, rows, places }: Grid): { columns: number; rows: number } =>
  places ? { columns: 1, rows: places.length / 3 } : { columns, rows }

/** The bounding box of a cell, in pixels of the mosaic; that of a hexagon may extend beyond it. */
export function boxOf(
  grid: Grid,
  cell: number,
): { left: number; top: number; width: number; height: number } {
  const { column, row, side } = placeOf(grid, cell)
  const [width, height] = [grid.cell * side, cellHeight(grid) * side]
  if (grid.layout === 'hexagons') return { ...hexagonPlace(grid, column, row), width, height }
  return { left: column * grid.cell, top: row * cellHeight(grid), width, height }
}

/** For each cell, those that may not hold the same tile: within a Chebyshev distance of `distance`. */
export function cellsWithin(grid: Grid, distance: number): (cell: number) => Iterable<number> {
  if (isPlaced(grid)) {
    const { near, find } = neighboursIn(grid, distance)
    return (cell) => near.slice(0, find(cell))
  }
  const { columns, rows } = grid
  return (cell) => {
    const x = cell % columns
    const y = (cell - x) / columns
    const found: number[] = []
    for (let v = Math.max(0, y - distance); v <= Math.min(rows - 1, y + distance); v++)
      for (let u = Math.max(0, x - distance); u <= Math.min(columns - 1, x + distance); u++)
        if (u !== x || v !== y) found.push(v * columns + u)
    return found
  }
}

/** Each takes about 1 KB during matching: a worker of 2 GB can hold a million. */
export const mostCells = 1_000_000

const roundDown = (scale: number) => Math.floor(scale * 10) / 10

/**
 * The smallest number of different tiles (groups of near-duplicates count once) that can fill a grid when
 * equal ones keep more than `distance` cells apart. Any window of `distance + 1` cells a side holds different
 * tiles only, and repeating one such window over the grid satisfies the rule, so the bound is tight.
 *
 * @param most maximum uses of a tile. Each position of the window then needs tiles for all its repetitions.
 */
export function smallestLibrary(
  { columns, rows }: Pick<Grid, 'columns' | 'rows'>,
  distance: number,
  most = Infinity,
): number {
  /* A tile that is used once keeps any distance. */
  if (most === 1) return columns * rows
  const across = Math.min(columns, distance + 1)
  const down = Math.min(rows, distance + 1)
  const repetitions = Math.ceil(columns / across) * Math.ceil(rows / down)
  return across * down * Math.max(1, Math.ceil(repetitions / most))
}
