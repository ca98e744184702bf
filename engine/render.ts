import { type Grid, mosaicSize } from './grid.ts'
import { hexagonRuns } from './hexagons.ts'
import { linearFromSrgb, srgbFromLinear } from './oklab.ts'
import { layOver, type Overlay } from './overlay.ts'
import { deepestSheet, type PaintedTiles, type TilePainter, tilePainter } from './tile-painter.ts'

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

/** On a thread: sRGB pixels of one region of a mosaic, 3 bytes each. Needs memory for the region only. */
export function renderRegion(task: RenderTask): Uint8Array<ArrayBuffer> {
  const deepest = deepestSheet(task)
  const pixels = task.halvings > deepest ? averageRegion(task, deepest) : copyRegion(task)
  if (task.overlay) layOver(task.overlay, task, pixels)
  return pixels
}

function copyRegion(task: RenderTask): Uint8Array<ArrayBuffer> {
  const { width, height, left, top } = task
  const out = new Uint8Array(width * height * 3)
  const painter = tilePainter(task, task.halvings)
  for (let y = 0; y < height; y++)
    paintLine(task, task.halvings, painter, top + y, left, out.subarray(y * width * 3, (y + 1) * width * 3))
  return out
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
    const run = Math.min(width - inTile, right - x)
    const cell = firstCell + column
    paint(cells[cell]!, cell, inTile, line, run, out, (x - left) * 3)
    x += run
  }
}

/** For sizes at which tiles are no whole pixels: means of pixels of the mosaic halved `base` times, fewer at the far edges. */
function averageRegion(task: RenderTask, base: number): Uint8Array<ArrayBuffer> {
  const { width, height } = task
  const factor = 2 ** (task.halvings - base)
  const painter = tilePainter(task, base)
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
      paintLine(task, base, painter, row, left, line)
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
