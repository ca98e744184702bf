import { describeBoxes, describeRows } from './features.ts'
import { cellHeight, type Grid, mosaicSize } from './grid.ts'
import { hexagonPlace } from './hexagons.ts'
import { asPictureError, openPicture, type PictureLimits } from './picture.ts'
import { type SearchSpace, writeCells } from './search-space.ts'
import { featureLength } from './tile-set.ts'

export interface Pixels {
  /** sRGB, 3 bytes a pixel, row by row. */
  rgb: Uint8Array<SharedArrayBuffer>
  width: number
  height: number
}

/** Describes rows of cells, however they lie, into `features`, which begins with `firstRow`. */
function describeCellRows(
  { rgb, width, height }: Pixels,
  grid: Grid,
  fromRow: number,
  toRow: number,
  firstRow: number,
  features: Float32Array,
): void {
  const { columns, rows } = grid
  if (grid.layout !== 'hexagons') {
    describeRows(rgb, width, height, columns, rows, fromRow, toRow, features, firstRow)
    return
  }
  const picture = mosaicSize(grid)
  const [across, down] = [width / picture.width, height / picture.height]
  const places = new Float64Array((toRow - fromRow) * columns * 4)
  for (let row = fromRow, i = 0; row < toRow; row++)
    for (let column = 0; column < columns; column++, i += 4) {
      const { left, top } = hexagonPlace(grid, column, row)
      places.set([left * across, top * down, grid.cell * across, cellHeight(grid) * down], i)
    }
  const at = (fromRow - firstRow) * columns * featureLength
  describeBoxes(rgb, width, height, places, features.subarray(at, at + (places.length / 4) * featureLength))
}

/** Decodes a picture into memory that threads share. @throws PictureError */
export async function readPixels(bytes: Uint8Array, limits?: PictureLimits): Promise<Pixels> {
  try {
    const { data, info } = await openPicture(bytes, limits).raw().toBuffer({ resolveWithObject: true })
    const rgb = new Uint8Array(new SharedArrayBuffer(data.length))
    rgb.set(data)
    return { rgb, width: info.width, height: info.height }
  } catch (error) {
    throw asPictureError(error)
  }
}

/** On a thread: all cells of a picture. */
export function describePixels(task: Pixels & { grid: Grid }): Float32Array<SharedArrayBuffer> {
  const { columns, rows } = task.grid
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

/** On a thread: describes some rows of cells, as OKLab samples and as vectors to search with. */
export function describeTarget(task: DescribeTask): void {
  const { grid, fromRow, toRow, firstRow, features } = task
  describeCellRows(task, grid, fromRow, toRow, firstRow, features)
  const [from, to] = [(fromRow - firstRow) * grid.columns, (toRow - firstRow) * grid.columns]
  writeCells(task.space, features, from, to)
}
