import { type Grid, mosaicSize } from './grid.ts'
import { hexagonRuns } from './hexagons.ts'
import { linearFromSrgb, srgbFromLinear } from './oklab.ts'
import { layOver, type Overlay } from './overlay.ts'
import { deepestSheet, type PaintedTiles, type TilePainter, tilePainter } from './tile-painter.ts'

/** What a mosaic is painted from: tiles, and which of them stands in each cell, row by row. */
export interface MosaicPicture extends PaintedTiles {
  cells: Uint32Array
  grid: Grid
  /** Of a grid with places: see `ownersOf`. */
  owners?: Int32Array | undefined
  /** sRGB of where there is no cell. */
  background?: readonly [number, number, number] | undefined
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
  /** Four bytes a pixel, 0 in the fourth where there is no cell. For regions of the mosaic as it is, not halved. */
  transparent?: boolean | undefined
}

export type RenderTask = MosaicPicture & Region

/** On a thread: sRGB pixels of one region of a mosaic, 3 bytes each, or 4. Needs memory for the region only. */
export function renderRegion(task: RenderTask): Uint8Array<ArrayBuffer> {
  const deepest = deepestSheet(task)
  const pixels = task.halvings > deepest ? averageRegion(task, deepest) : copyRegion(task)
  if (task.overlay) layOver(task.overlay, task, pixels)
  return task.transparent ? withTransparency(task, pixels) : pixels
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

function copyRegion(task: RenderTask): Uint8Array<ArrayBuffer> {
  const { width, height, left, top } = task
  const out = new Uint8Array(width * height * 3)
  const paintLine = linePainter(task, task.halvings)
  for (let y = 0; y < height; y++) paintLine(top + y, left, out.subarray(y * width * 3, (y + 1) * width * 3))
  return out
}

/** Paints lines of pixels from the tiles that they cross. */
function linePainter(task: RenderTask, halvings: number) {
  const { cells, background = white } = task
  /* A cell of twice the size is what all cells are when the mosaic is twice as large. */
  const bySide = new Map<number, TilePainter>()
  const painterOf = (side: number): TilePainter => {
    const known = bySide.get(side)
    if (known) return known
    const made = tilePainter(task, halvings - Math.log2(side))
    bySide.set(side, made)
    return made
  }
  const smallest = painterOf(1)
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
 * Finds who is seen along a line of the mosaic halved so often: calls back with each run of pixels of one cell, -1 for none, with
 * its side in smallest cells, and where in the cell the run begins.
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

/** For sizes at which tiles are no whole pixels: means of pixels of the mosaic halved `base` times, fewer at the far edges. */
function averageRegion(task: RenderTask, base: number): Uint8Array<ArrayBuffer> {
  const { width, height } = task
  const factor = 2 ** (task.halvings - base)
  const paintLine = linePainter(task, base)
  const out = new Uint8Array(width * height * 3)
  const left = task.left * factor
  const size = mosaicSize(task.grid)
  const across = Math.min(width * factor, Math.ceil(size.width / 2 ** base) - left)
  const line = new Uint8Array(across * 3)
  const sums = new Float64Array(width * 3)
  for (let y = 0; y < height; y++) {
    const first = (task.top + y) * factor
    const last = Math.min(first + factor, Math.ceil(size.height / 2 ** base))
    sums.fill(0)
    for (let row = first; row < last; row++) {
      paintLine(row, left, line)
      for (let x = 0; x < across; x++) {
        const to = Math.floor(x / factor) * 3
        for (let channel = 0; channel < 3; channel++)
          sums[to + channel]! += linearFromSrgb[line[x * 3 + channel]!]!
      }
    }
    for (let x = 0; x < width; x++) {
      const counted = Math.min(factor, across - x * factor) * (last - first)
      for (let channel = 0; channel < 3; channel++)
        out[(y * width + x) * 3 + channel] = srgbFromLinear(sums[x * 3 + channel]! / counted)
    }
  }
  return out
}
