import { linearFromSrgb, oklabFromLinear } from './oklab.ts'
import { cutMiddle } from './orientation.ts'
import { featureLength, samplesPerSide } from './tile-set.ts'

/**
 * Describes each cell of a picture by 4 x 4 OKLab samples, each the mean of its area in linear light. A tile
 * is a picture of one cell; a target is a picture of many.
 *
 * @param rgb sRGB, 3 bytes a pixel, `width * height * 3`
 * @returns `columns * rows * featureLength`; cells in raster order, samples in raster order within a cell,
 * channels innermost
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
 * `describeCells` for rows of cells `fromRow` to `toRow` (exclusive), written to their place in `features`,
 * whose first row is `firstRow`.
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
 * Describes boxes of a picture that may be anywhere, overlap, and extend beyond its borders, where edge
 * pixels are repeated.
 *
 * @param places left, top, width and height of each box, pixels, four numbers each
 */
export function describeBoxes(
  rgb: Uint8Array,
  width: number,
  height: number,
  places: Float64Array,
  features: Float32Array,
): void {
  const n = samplesPerSide
  for (let box = 0, to = 0; box < places.length; box += 4) {
    const [left, top, across, down] = [
      places[box]!,
      places[box + 1]!,
      places[box + 2]! / n,
      places[box + 3]! / n,
    ]
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++, to += 3) {
        const columns = within(left + x * across, across, width)
        const rows = within(top + y * down, down, height)
        let [r, g, b, whole] = [0, 0, 0, 0]
        for (let row = Math.floor(rows.from); row < rows.to; row++) {
          const high = Math.min(row + 1, rows.to) - Math.max(row, rows.from)
          for (let column = Math.floor(columns.from); column < columns.to; column++) {
            const share = high * (Math.min(column + 1, columns.to) - Math.max(column, columns.from))
            const i = (row * width + column) * 3
            r += linearFromSrgb[rgb[i]!]! * share
            g += linearFromSrgb[rgb[i + 1]!]! * share
            b += linearFromSrgb[rgb[i + 2]!]! * share
            whole += share
          }
        }
        oklabFromLinear(r / whole, g / whole, b / whole, features, to)
      }
  }
}

/** The part of a span within `0..size`; the nearest edge pixel if there is none. */
function within(from: number, length: number, size: number): { from: number; to: number } {
  const start = Math.min(size - 1, Math.max(0, from))
  const end = Math.min(size, from + length)
  return end > start ? { from: start, to: end } : { from: Math.floor(start), to: Math.floor(start) + 1 }
}

/**
 * Mean linear light of each area when a picture is divided into `across x down` equal areas. Pixels on a
 * border count to both sides by area; areas smaller than a pixel take that pixel's value.
 *
 * @param fromRow the first row of areas wanted; `toRow` is one past the last
 * @returns `across * (toRow - fromRow) * 3`, in raster order, 0..1
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
    for (let row = rows.first[y]!, at = rows.at[y]!; row <= rows.last[y]!; row++, at++) {
      const share = rows.shares[at]!
      const start = row * width * 3
      for (let i = 0; i < line.length; i++) line[i]! += linearFromSrgb[rgb[start + i]!]! * share
    }
    for (let x = 0; x < across; x++) {
      let r = 0
      let g = 0
      let b = 0
      const end = columns.last[x]! * 3
      for (let i = columns.first[x]! * 3, at = columns.at[x]!; i <= end; i += 3, at++) {
        const share = columns.shares[at]!
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

/**
 * How `length` pixels are divided into `parts`: first and last pixel of each, and where its pixels' weights begin in
 * `shares`.
 */
function cuts(length: number, parts: number) {
  const size = length / parts
  const first = new Int32Array(parts)
  const last = new Int32Array(parts)
  const at = new Int32Array(parts)
  const shares = new Float64Array(length + 2 * parts)
  for (let part = 0, next = 0; part < parts; part++) {
    const [from, to] = [(part * length) / parts, ((part + 1) * length) / parts]
    first[part] = Math.floor(from)
    last[part] = Math.min(length - 1, Math.ceil(to) - 1)
    at[part] = next
    for (let pixel = first[part]!; pixel <= last[part]!; pixel++)
      shares[next++] = (Math.min(pixel + 1, to) - Math.max(pixel, from)) / size
  }
  return { first, last, at, shares }
}

/** Sum of squared differences of two descriptions over all samples and channels. */
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

/** Thread task: describes the central `width x height` of each of many squares of pixels. */
export function describeCuts(task: {
  pixels: Uint8Array
  side: number
  width: number
  height: number
}): Float32Array {
  const { pixels, side, width, height } = task
  const size = side * side * 3
  const cut = new Uint8Array(width * height * 3)
  const features = new Float32Array((pixels.length / size) * featureLength)
  for (let at = 0, to = 0; at < pixels.length; at += size, to += featureLength) {
    cutMiddle(pixels.subarray(at, at + size), side, width, height, cut, 0)
    describeRows(cut, width, height, 1, 1, 0, 1, features.subarray(to, to + featureLength))
  }
  return features
}
