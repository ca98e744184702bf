import type { Places } from './places.ts'
import { windowSimilarity } from './structural-similarity.ts'
import { featureLength } from './tile-set.ts'

/** Per cell and channel: sums of both pictures, of their squares, and of their products. */
const sumsLength = 5
/** Pixels of a window of 2 x 2 cells, each 4 x 4 pixels. */
const pixels = 64

/**
 * SSIM of cells of several sizes or with gaps: each cell at 4 x 4 pixels, whatever its size, in windows of 2
 * x 2 adjacent cells of one size, weighted by area. Undefined if there is no such window.
 *
 * @param target sRGB, `featureLength` per cell, in the order of the places
 * @param start where the samples of a cell's tile begin in `tiles`
 */
export function placedSimilarity(
  target: Uint8Array,
  tiles: Uint8Array,
  start: (cell: number) => number,
  places: Places,
): number | undefined {
  const count = places.length / 3
  const sums = new Float64Array(count * 3 * sumsLength)
  for (let cell = 0; cell < count; cell++) addUp(target, cell * featureLength, tiles, start(cell), sums, cell)

  const { cellAt, columns } = cornersOf(places)
  let total = 0
  let area = 0
  const window = new Float64Array(3 * sumsLength)
  for (let cell = 0; cell < count; cell++) {
    const side = places[cell * 3 + 2]!
    const at = places[cell * 3 + 1]! * columns + places[cell * 3]!
    const isSame = (other: number | undefined) =>
      other !== undefined && other >= 0 && places[other * 3 + 2] === side
    const right = cellAt[at + side]!
    const below = cellAt[at + side * columns]!
    const across = cellAt[at + side * columns + side]!
    if (!isSame(right) || !isSame(below) || !isSame(across)) continue
    window.fill(0)
    for (const one of [cell, right, below, across])
      for (let i = 0; i < window.length; i++) window[i]! += sums[one * window.length + i]! / pixels
    for (let i = 0; i < window.length; i += sumsLength)
      total +=
        side ** 2 *
        windowSimilarity(window[i]!, window[i + 1]!, window[i + 2]!, window[i + 3]!, window[i + 4]!)
    area += side ** 2
  }
  return area > 0 ? total / (area * 3) : undefined
}

function addUp(a: Uint8Array, from: number, b: Uint8Array, other: number, sums: Float64Array, cell: number) {
  for (let i = 0; i < featureLength; i++) {
    const x = a[from + i]!
    const z = b[other + i]!
    const to = (cell * 3 + (i % 3)) * sumsLength
    sums[to]! += x
    sums[to + 1]! += z
    sums[to + 2]! += x * x
    sums[to + 3]! += z * z
    sums[to + 4]! += x * z
  }
}

/**
 * The cell whose top left corner is at a position, -1 for none. Padded beyond the last column and row for
 * look-ups.
 */
function cornersOf(places: Places): { cellAt: Int32Array; columns: number } {
  let columns = 0
  let rows = 0
  for (let at = 0; at < places.length; at += 3) {
    columns = Math.max(columns, places[at]! + places[at + 2]! + 1)
    rows = Math.max(rows, places[at + 1]! + places[at + 2]! + 1)
  }
  const cellAt = new Int32Array(columns * (rows + 1)).fill(-1)
  for (let at = 0, cell = 0; at < places.length; at += 3, cell++)
    cellAt[places[at + 1]! * columns + places[at]!] = cell
  return { cellAt, columns }
}
