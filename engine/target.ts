import { describeCells, describeRows } from './features.ts'
import { type ValueOrder, writeVectors } from './matching-vectors.ts'
import { cellVectors, type SearchSpace } from './nearest.ts'
import { asPictureError, openPicture, type PictureLimits } from './picture.ts'

export interface Pixels {
  /** sRGB, 3 bytes a pixel, row by row. */
  rgb: Uint8Array<SharedArrayBuffer>
  width: number
  height: number
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

/** On a thread: {@link describeCells} of a picture. */
export function describePixels(
  task: Pixels & { columns: number; rows: number },
): Float32Array<SharedArrayBuffer> {
  return describeCells(task.rgb, task.width, task.height, task.columns, task.rows)
}

export interface DescribeTask extends Pixels {
  columns: number
  rows: number
  fromRow: number
  toRow: number
  /** The first row of `features` and `space`. */
  firstRow: number
  features: Float32Array
  space: SearchSpace
  valueOrder: ValueOrder
}

/** On a thread: describes some rows of cells, as OKLab samples and as vectors to search with. */
export function describeTarget(task: DescribeTask): void {
  const { rgb, width, height, columns, rows, fromRow, toRow, firstRow, features } = task
  describeRows(rgb, width, height, columns, rows, fromRow, toRow, features, firstRow)
  writeVectors(
    features,
    task.valueOrder,
    cellVectors(task.space),
    (fromRow - firstRow) * columns,
    (toRow - firstRow) * columns,
  )
}
