import { type Grid, mosaicSize } from './grid.ts'
import { hexagonRuns } from './hexagons.ts'
import { isWholeAt, lastLevel, levelFor, type Size, wholeLevel } from './levels.ts'
import { layOver, type Overlay } from './overlay.ts'
import { type Region, regionBytes } from './region.ts'
import { type AddLine, addPainted, fallsInto, shrinkLines } from './shrink.ts'
import { type PaintedTiles, type TilePainter, tilePainter } from './tile-painter.ts'

/** Everything a mosaic is painted from: tiles, and the tile of each cell. */
export interface MosaicPicture extends PaintedTiles {
  cells: Uint32Array
  grid: Grid
  /** For a grid with places: see `ownersOf`. */
  owners?: Int32Array | undefined
  /** sRGB of areas without a cell. */
  background?: readonly [number, number, number] | undefined
  /** Blended over the whole mosaic. */
  overlay?: Overlay | undefined
}

export type RenderTask = MosaicPicture & Region

/**
 * Thread task: sRGB pixels of one region of a mosaic, 3 bytes each, or 4 with transparency. Needs memory only
 * for the region.
 * @param out destination, `regionBytes` long; only scratch space with transparency
 */
export function renderRegion(
  task: RenderTask,
  out: Uint8Array<ArrayBuffer> = new Uint8Array(regionBytes(task)),
): Uint8Array<ArrayBuffer> {
  const { cell, halvings, grid, owners } = task
  if (isWholeAt(cell, halvings)) copyRegion(task, out)
  else if (grid.layout === 'hexagons') sampleRegion(task, out)
  else if (owners) averagePlaces(task, out)
  else averageRegion(task, out)
  if (task.overlay) layOver(task.overlay, task, out)
  return task.transparent ? withTransparency(task, out) : out
}

function withTransparency(task: RenderTask, rgb: Uint8Array): Uint8Array<ArrayBuffer> {
  const { left, top, width, height } = task
  const out = new Uint8Array(width * height * 4)
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    out[to] = rgb[from]!
    out[to + 1] = rgb[from + 1]!
    out[to + 2] = rgb[from + 2]!
    out[to + 3] = 255
  }
  for (let y = 0; y < height; y++)
    eachRun(task, task.halvings, top + y, left, left + width, (cell, _side, _x, _y, from, length) => {
      if (cell >= 0) return
      const start = (y * width + from - left) * 4
      out.fill(0, start, start + length * 4)
    })
  return out
}

function copyRegion(task: RenderTask, out: Uint8Array): void {
  const { width, height, left, top } = task
  const paintLine = linePainter(task, task.halvings)
  for (let y = 0; y < height; y++) paintLine(top + y, left, out.subarray(y * width * 3, (y + 1) * width * 3))
}

/**
 * Paints lines of pixels from the tiles they cross.
 * @param smallest painter of the smallest cells, if not the one of this level
 */
function linePainter(task: RenderTask, halvings: number, smallest = tilePainter(task, halvings)) {
  const { cells, background = white } = task
  /* A cell of twice the size looks like every cell of a mosaic of twice the size. */
  const bySide = new Map<number, TilePainter>([[1, smallest]])
  const painterOf = (side: number): TilePainter => {
    const known = bySide.get(side)
    if (known) return known
    const made = tilePainter(task, halvings - Math.log2(side))
    bySide.set(side, made)
    return made
  }
  return (y: number, left: number, out: Uint8Array): void => {
    eachRun(task, halvings, y, left, left + out.length / 3, (cell, side, inX, inY, from, length) => {
      const to = (from - left) * 3
      const painter = side === 1 ? smallest : painterOf(side)
      if (cell >= 0) painter.paint(cells[cell]!, cell, inX, inY, length, out, to)
      else for (let i = to; i < to + length * 3; i++) out[i] = background[(i - to) % 3]!
    })
  }
}

const white = [255, 255, 255] as const

type Run = (cell: number, side: number, inX: number, inY: number, from: number, length: number) => void

/**
 * Finds the cells along a line of the mosaic at this halving. Calls back with each run of pixels of one cell
 * (-1 for none), its side in smallest cells, and where in the cell the run begins.
 */
function eachRun(
  { grid, owners, cell: size }: MosaicPicture,
  halvings: number,
  y: number,
  left: number,
  right: number,
  run: Run,
): void {
  if (grid.layout === 'hexagons') {
    hexagonRuns(grid, halvings, y, left, right, (cell, inX, inY, from, length) =>
      run(owners ? owners[cell]! : cell, 1, inX, inY, from, length),
    )
    return
  }
  const { columns, places } = grid
  const width = size.width / 2 ** halvings
  const height = size.height / 2 ** halvings
  const row = Math.floor(y / height)
  for (let x = left; x < right; ) {
    const column = Math.floor(x / width)
    const at = row * columns + column
    const cell = owners ? owners[at]! : at
    let begin = column
    let above = row
    let side = 1
    if (places && cell >= 0) {
      begin = places[cell * 3]!
      above = places[cell * 3 + 1]!
      side = places[cell * 3 + 2]!
    }
    const inX = x - begin * width
    const length = Math.min(side * width - inX, right - x)
    run(cell, side, inX, y - above * height, x, length)
    x += length
  }
}

/** Where cells are not whole pixels: averages the mosaic rendered from the tiles of a finer level. */
function averageRegion(task: RenderTask, out: Uint8Array): void {
  const { cell, cells, grid, halvings, left, top, width, height } = task
  const painter = tilePainter(task, levelFor(cell, halvings))
  const factor = 2 ** halvings
  const step = { x: cell.width / painter.width / factor, y: cell.height / painter.height / factor }
  const { addRow } = painter
  const across = fallsInto(left, width, step.x, grid.columns * painter.width, addRow && painter.width)
  const down = fallsInto(top, height, step.y, grid.rows * painter.height)
  const firstColumn = across.first / painter.width
  const add: AddLine = addRow
    ? (y, ...to) => {
        const first = Math.floor(y / painter.height) * grid.columns + firstColumn
        addRow(cells, first, first + across.count / painter.width, y % painter.height, ...to)
      }
    : addPainted(across, (y, line) => paintTiles(cells, grid.columns, painter, y, across.first, line))
  shrinkLines(across, down, out, add)
}

/** Paints one line of a mosaic whose cells are as large as a painter's tiles. */
function paintTiles(
  cells: Uint32Array,
  columns: number,
  { width, height, paint }: TilePainter,
  y: number,
  left: number,
  out: Uint8Array,
): void {
  const firstCell = Math.floor(y / height) * columns
  const right = left + out.length / 3
  for (let x = left; x < right; ) {
    const column = Math.floor(x / width)
    const inTile = x - column * width
    const run = Math.min(width - inTile, right - x)
    const cell = firstCell + column
    paint(cells[cell]!, cell, inTile, y % height, run, out, (x - left) * 3)
    x += run
  }
}

/** For listed cells: averages the last level at which all cells are whole pixels. */
function averagePlaces(task: RenderTask, out: Uint8Array): void {
  const base = wholeLevel(task.cell)
  averageLines(task, base, linePainter(task, base), out)
}

/**
 * For hexagons, whose borders cross pixels: each pixel is the mean of sample points within it, no farther
 * apart than cells are. Cells smaller than a pixel show their mean colour.
 */
function sampleRegion(task: RenderTask, out: Uint8Array): void {
  const { cell, halvings } = task
  const level = levelFor(cell, halvings)
  const painter = tilePainter(task, level)
  const isFlat = level === lastLevel(cell)
  const points = isFlat ? Math.min(level, finestPoints(cell)) : level
  averageLines(task, points, linePainter(task, points, isFlat ? flat(painter) : painter), out)
}

/** Averages squares of a less halved mosaic. */
function averageLines(
  { grid, halvings, left, top, width, height }: RenderTask,
  base: number,
  paintLine: ReturnType<typeof linePainter>,
  out: Uint8Array,
): void {
  const step = 2 ** (base - halvings)
  const size = mosaicSize(grid)
  const across = fallsInto(left, width, step, Math.ceil(size.width / 2 ** base))
  const down = fallsInto(top, height, step, Math.ceil(size.height / 2 ** base))
  shrinkLines(
    across,
    down,
    out,
    addPainted(across, (y, line) => paintLine(y, across.first, line)),
  )
}

/** At this many halvings every cell is still hit by at least one sample point. */
const finestPoints = (cell: Size) => Math.floor(Math.log2(Math.min(cell.width, cell.height)))

/** Paints a tile's single pixel at every position. */
const flat = (painter: TilePainter): TilePainter => ({
  ...painter,
  paint(tile, cell, _x, _y, length, out, to) {
    for (let i = 0; i < length; i++) painter.paint(tile, cell, 0, 0, 1, out, to + i * 3)
  },
})
