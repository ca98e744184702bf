import { describeBoxes, describeRows } from './features.ts'
import { boxOf, type Grid, linesOf, mosaicSize } from './grid.ts'
import type { Pixels } from './pixels.ts'
import { type SearchSpace, writeCells } from './search-space.ts'
import { featureLength } from './tile-set.ts'

/** Describes rows of cells of any layout into `features`, whose first row is `firstRow`. */
function describeCellRows(
  { rgb, width, height }: Pixels,
  grid: Grid,
  fromRow: number,
  toRow: number,
  firstRow: number,
  features: Float32Array,
): void {
  const { columns, rows } = linesOf(grid)
  if (grid.layout !== 'hexagons' && !grid.places) {
    describeRows(rgb, width, height, columns, rows, fromRow, toRow, features, firstRow)
    return
  }
  const picture = mosaicSize(grid)
  const [across, down] = [width / picture.width, height / picture.height]
  const boxes = new Float64Array((toRow - fromRow) * columns * 4)
  for (let cell = fromRow * columns, i = 0; cell < toRow * columns; cell++, i += 4) {
    const box = boxOf(grid, cell)
    boxes.set([box.left * across, box.top * down, box.width * across, box.height * down], i)
  }
  const at = (fromRow - firstRow) * columns * featureLength
  describeBoxes(rgb, width, height, boxes, features.subarray(at, at + (boxes.length / 4) * featureLength))
}

/** Thread task: describes all cells of a picture. */
export function describePixels(task: Pixels & { grid: Grid }): Float32Array<SharedArrayBuffer> {
  const { columns, rows } = linesOf(task.grid)
  const features = new Float32Array(new SharedArrayBuffer(columns * rows * featureLength * 4))
  describeCellRows(task, task.grid, 0, rows, 0, features)
  return features
}

export interface DescribeTask extends Pixels {
  grid: Grid
  fromRow: number
  toRow: number
  /** The first row of `features` and `space`. */
  firstRow: number
  features: Float32Array
  space: SearchSpace
}

/** Thread task: describes some rows of cells, as OKLab samples and as search vectors. */
export function describeTarget(task: DescribeTask): void {
  const { grid, fromRow, toRow, firstRow, features } = task
  const { columns } = linesOf(grid)
  describeCellRows(task, grid, fromRow, toRow, firstRow, features)
  const [from, to] = [(fromRow - firstRow) * columns, (toRow - firstRow) * columns]
  writeCells(task.space, features, from, to)
}
