import { linearFromSrgb, oklabFromLinear } from './oklab.ts'
import { featureLength, samplesPerSide } from './tile-set.ts'

/**
 * Describes each cell of a picture by 4 x 4 OKLab samples, each the mean of its area in linear light.
 * A tile is a picture of one cell; a target is a picture of many.
 *
 * @param rgb sRGB, 3 bytes a pixel, `width * height * 3`
 * @returns `columns * rows * featureLength`, cells row by row, in a cell samples row by row, channels innermost
 */
export function describeCells(
  rgb: Uint8Array,
  width: number,
  height: number,
  columns: number,
  rows: number,
): Float32Array<SharedArrayBuffer> {
  const features = new Float32Array(new SharedArrayBuffer(columns * rows * featureLength * 4))
  describeRows(rgb, width, height, columns, rows, 0, rows, features)
  return features
}

/**
 * `describeCells` of the rows of cells from `fromRow` to before `toRow`, into their place in `features`, which begins with
 * `firstRow`.
 */
export function describeRows(
  rgb: Uint8Array,
  width: number,
  height: number,
  columns: number,
  rows: number,
  fromRow: number,
  toRow: number,
  features: Float32Array,
  firstRow = 0,
): void {
  const across = columns * samplesPerSide
  const first = fromRow * samplesPerSide
  const end = toRow * samplesPerSide
  const samples = averageAreas(rgb, width, height, across, rows * samplesPerSide, first, end)
  let from = 0
  for (let y = first; y < end; y++) {
    const cellRow = Math.floor(y / samplesPerSide)
    const inCellY = y % samplesPerSide
    for (let x = 0; x < across; x++) {
      const cell = cellRow * columns + Math.floor(x / samplesPerSide)
      const sample = inCellY * samplesPerSide + (x % samplesPerSide)
      const to = ((cell - firstRow * columns) * samplesPerSide * samplesPerSide + sample) * 3
      oklabFromLinear(samples[from]!, samples[from + 1]!, samples[from + 2]!, features, to)
      from += 3
    }
  }
}

/**
 * Mean linear light of each area when a picture is cut into `across x down` equal areas. Pixels on a cut count
 * to both sides by the part that lies there; areas smaller than a pixel take that pixel's light.
 *
 * @param fromRow the first row of areas that is wanted, and `toRow` one past the last
 * @returns `across * (toRow - fromRow) * 3`, row by row, 0..1
 */
export function averageAreas(
  rgb: Uint8Array,
  width: number,
  height: number,
  across: number,
  down: number,
  fromRow = 0,
  toRow = down,
): Float32Array {
  const out = new Float32Array(across * (toRow - fromRow) * 3)
  const columns = cuts(width, across)
  const rows = cuts(height, down)
  const line = new Float32Array(width * 3)
  for (let y = fromRow; y < toRow; y++) {
    line.fill(0)
    for (let row = rows.first[y]!; row <= rows.last[y]!; row++) {
      const share = rows.share(y, row)
      const start = row * width * 3
      for (let i = 0; i < line.length; i++) line[i]! += linearFromSrgb[rgb[start + i]!]! * share
    }
    for (let x = 0; x < across; x++) {
      let r = 0
      let g = 0
      let b = 0
      for (let column = columns.first[x]!; column <= columns.last[x]!; column++) {
        const share = columns.share(x, column)
        const i = column * 3
        r += line[i]! * share
        g += line[i + 1]! * share
        b += line[i + 2]! * share
      }
      const to = ((y - fromRow) * across + x) * 3
      out[to] = r
      out[to + 1] = g
      out[to + 2] = b
    }
  }
  return out
}

/** How a side of `length` pixels is cut into `parts`: first and last pixel of each, and each pixel's share. */
function cuts(length: number, parts: number) {
  const size = length / parts
  const first = new Int32Array(parts)
  const last = new Int32Array(parts)
  for (let part = 0; part < parts; part++) {
    first[part] = Math.floor((part * length) / parts)
    last[part] = Math.min(length - 1, Math.ceil(((part + 1) * length) / parts) - 1)
  }
  const share = (part: number, pixel: number): number =>
    (Math.min(pixel + 1, ((part + 1) * length) / parts) - Math.max(pixel, (part * length) / parts)) / size
  return { first, last, share }
}

/** Sum of the squared differences of two descriptions over all samples and channels. */
export function squaredDistance(
  cells: Float32Array,
  cell: number,
  tiles: Float32Array,
  tile: number,
): number {
  let sum = 0
  for (let i = 0; i < featureLength; i++)
    sum += (cells[cell * featureLength + i]! - tiles[tile * featureLength + i]!) ** 2
  return sum
}
