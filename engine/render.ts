import { type Grid, mosaicSize } from './grid.ts'
import { hexagonRuns } from './hexagons.ts'
import { isWholeAt, lastLevel, levelFor, type Size } from './levels.ts'
import { layOver, type Overlay } from './overlay.ts'
import { type AddLine, addPainted, fallsInto, shrinkLines } from './shrink.ts'
import { type PaintedTiles, type TilePainter, tilePainter } from './tile-painter.ts'

/** What a mosaic is painted from: tiles, and which of them stands in each cell, row by row. */
export interface MosaicPicture extends PaintedTiles {
  cells: Uint32Array
  grid: Grid
  /** What is laid over all of it. */
  overlay?: Overlay | undefined
}

export interface Region {
  /** How many times the mosaic is halved. */
  halvings: number
  /** In pixels of the halved mosaic. */
  left: number
  top: number
  width: number
  height: number
}

export type RenderTask = MosaicPicture & Region

/** Bytes of a region's pixels. */
export const regionBytes = ({ width, height }: Region): number => width * height * 3

/**
 * On a thread: sRGB pixels of one region of a mosaic, 3 bytes each. Needs memory for the region only.
 * @param out where they go, `regionBytes` long
 */
export function renderRegion(
  task: RenderTask,
  out: Uint8Array<ArrayBuffer> = new Uint8Array(regionBytes(task)),
): Uint8Array<ArrayBuffer> {
  const { cell, halvings, grid } = task
  if (isWholeAt(cell, halvings)) copyRegion(task, out)
  else if (grid.layout === 'hexagons') sampleRegion(task, out)
  else averageRegion(task, out)
  if (task.overlay) layOver(task.overlay, task, out)
  return out
}

function copyRegion(task: RenderTask, out: Uint8Array): void {
  const { width, height, left, top } = task
  const painter = tilePainter(task, task.halvings)
  for (let y = 0; y < height; y++)
    paintLine(task, task.halvings, painter, top + y, left, out.subarray(y * width * 3, (y + 1) * width * 3))
}

/** Paints one line of pixels from the tiles that it crosses. */
function paintLine(
  { cells, grid }: RenderTask,
  halvings: number,
  { width, height, paint }: TilePainter,
  y: number,
  left: number,
  out: Uint8Array,
): void {
  if (grid.layout === 'hexagons') {
    hexagonRuns(grid, halvings, y, left, left + out.length / 3, (cell, inX, inY, from, length) =>
      paint(cells[cell]!, cell, inX, inY, length, out, (from - left) * 3),
    )
    return
  }
  const { columns } = grid
  const firstCell = Math.floor(y / height) * columns
  const line = y % height
  const right = left + out.length / 3
  for (let x = left; x < right; ) {
    const column = Math.floor(x / width)
    const inTile = x - column * width
    const cell = firstCell + column
    const run = Math.min(width - inTile, right - x)
    paint(cells[cell]!, cell, inTile, line, run, out, (x - left) * 3)
    x += run
  }
}

/** Where cells are no whole pixels: means of the mosaic as its tiles of a finer level make it. */
function averageRegion(task: RenderTask, out: Uint8Array): void {
  const { cell, grid, halvings, left, top, width, height } = task
  const level = levelFor(cell, halvings)
  const painter = tilePainter(task, level)
  const factor = 2 ** halvings
  const step = { x: cell.width / painter.width / factor, y: cell.height / painter.height / factor }
  const { addRow } = painter
  const across = fallsInto(left, width, step.x, grid.columns * painter.width, addRow && painter.width)
  const down = fallsInto(top, height, step.y, grid.rows * painter.height)
  const firstColumn = across.first / painter.width
  const add: AddLine = addRow
    ? (y, ...to) => {
        const first = Math.floor(y / painter.height) * grid.columns + firstColumn
        addRow(task.cells, first, first + across.count / painter.width, y % painter.height, ...to)
      }
    : addPainted(across, (y, line) => paintLine(task, level, painter, y, across.first, line))
  shrinkLines(across, down, out, add)
}

/**
 * The same of hexagons, whose borders cross pixels: each pixel is the mean of points in it, at which one looks who is there.
 * Points are no farther apart than cells; cells smaller than a pixel are seen by their means.
 */
function sampleRegion(task: RenderTask, out: Uint8Array): void {
  const { cell, grid, halvings, left, top, width, height } = task
  const level = levelFor(cell, halvings)
  const painter = tilePainter(task, level)
  const isFlat = level === lastLevel(cell)
  const points = isFlat ? Math.min(level, finestPoints(cell)) : level
  const step = 2 ** (points - halvings)
  const size = mosaicSize(grid)
  const across = fallsInto(left, width, step, Math.ceil(size.width / 2 ** points))
  const down = fallsInto(top, height, step, Math.ceil(size.height / 2 ** points))
  const seen = isFlat ? flat(painter) : painter
  const add = addPainted(across, (y, line) => paintLine(task, points, seen, y, across.first, line))
  shrinkLines(across, down, out, add)
}

/** So often halved, a cell is hit by one point at least. */
const finestPoints = (cell: Size) => Math.floor(Math.log2(Math.min(cell.width, cell.height)))

/** Paints the one pixel of a tile wherever one looks. */
const flat = (painter: TilePainter): TilePainter => ({
  ...painter,
  paint(tile, cell, _x, _y, length, out, to) {
    for (let i = 0; i < length; i++) painter.paint(tile, cell, 0, 0, 1, out, to + i * 3)
  },
})
