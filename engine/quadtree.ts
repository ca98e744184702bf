/**
 * Cells that follow detail: large where the picture is uniform, small where there is detail (Finkel and
 * Bentley, "Quad trees", Acta Informatica 4, 1974). Each cell is a square of 1, 2, 4 or 8 grid cells a side.
 */
import { averageAreas } from './features.ts'
import { oklabFromLinear } from './oklab.ts'
import type { Pixels } from './pixels.ts'
import { inPlaceOrder, type Place, type Places } from './places.ts'

/** Side of the largest cell, in smallest cells. */
const largest = 8
/** Default percentage of the divisible cells that are split. */
export const usualDetail = 25
/** OKLab distance from the mean, half of a just noticeable difference, below which a cell is not split. */
const calm = 0.01

export interface QuadtreeTask extends Pixels {
  columns: number
  rows: number
  /** By smallest cell: 1 where cells are allowed. Absent: everywhere. */
  inside?: Uint8Array | undefined
  /** 0: cells as large as possible, 100: as small as there is any detail. */
  detail: number
}

/**
 * Thread task. Cells are split in the order of what showing their mean colour loses: the sum of the squared
 * distances of their smallest cells from it. A part never loses more than the whole, so the cells above any
 * threshold form a tree. Cells that cross a border are always split, and the remainder at the borders is
 * divided between both sides.
 */
export function layQuadtree(task: QuadtreeTask): Places {
  const { columns, rows, detail } = task
  const { spreadOf, insideOf } = sumsOf(task)
  const errors: number[] = []
  const cells: Place[] = []
  let limit = Infinity

  const walk = (column: number, row: number, side: number, isLast: boolean): void => {
    const inside = insideOf(column, row, side)
    if (inside === 0) return
    if (side === 1) {
      if (isLast) cells.push({ column, row, side })
      return
    }
    if (inside === side * side) {
      const spread = spreadOf(column, row, side)
      const isCalm = spread <= calm ** 2 * side * side
      if (!isLast && !isCalm) errors.push(spread)
      if (isLast && (isCalm || spread < limit)) {
        cells.push({ column, row, side })
        return
      }
    }
    const half = side / 2
    for (const y of [row, row + half]) for (const x of [column, column + half]) walk(x, y, half, isLast)
  }
  const walkAll = (isLast: boolean): void => {
    /* As many whole squares as fit, centred. */
    const first = (length: number) => {
      const over = length % largest
      return over === 0 ? 0 : (over >> 1) - largest
    }
    for (let row = first(rows); row < rows; row += largest)
      for (let column = first(columns); column < columns; column += largest)
        walk(column, row, largest, isLast)
  }
  walkAll(false)
  const cuts = Math.round((errors.length * detail) / 100)
  if (cuts > 0) limit = Float64Array.from(errors).sort()[errors.length - cuts]!
  walkAll(true)
  return inPlaceOrder(cells)
}

/** Summed-area tables: the sum over any square takes four look-ups. */
function sumsOf({ rgb, width, height, columns, rows, inside }: QuadtreeTask) {
  const across = columns + 1
  const sums = [0, 1, 2, 3].map(() => new Float64Array(across * (rows + 1)))
  const counts = new Uint32Array(across * (rows + 1))
  const light = averageAreas(rgb, width, height, columns, rows)
  const colour = new Float32Array(3)
  for (let y = 0, unit = 0; y < rows; y++)
    for (let x = 0; x < columns; x++, unit++) {
      oklabFromLinear(light[unit * 3]!, light[unit * 3 + 1]!, light[unit * 3 + 2]!, colour, 0)
      const [l, a, b] = [colour[0]!, colour[1]!, colour[2]!]
      const at = (y + 1) * across + x + 1
      const add = (to: Float64Array | Uint32Array, value: number) => {
        to[at] = value + to[at - 1]! + to[at - across]! - to[at - across - 1]!
      }
      ;[l, a, b, l * l + a * a + b * b].forEach((value, i) => {
        add(sums[i]!, value)
      })
      add(counts, inside ? inside[unit]! : 1)
    }
  const within = (of: Float64Array | Uint32Array, left: number, top: number, side: number): number => {
    const right = Math.min(columns, left + side)
    const bottom = Math.min(rows, top + side)
    const [x, y] = [Math.max(0, left), Math.max(0, top)]
    if (right <= x || bottom <= y) return 0
    return (
      of[bottom * across + right]! - of[y * across + right]! - of[bottom * across + x]! + of[y * across + x]!
    )
  }
  return {
    insideOf: (left: number, top: number, side: number) => within(counts, left, top, side),
    /** The sum of squared distances from the mean. */
    spreadOf: (left: number, top: number, side: number) => {
      const [l, a, b, squares] = sums.map((of) => within(of, left, top, side))
      return Math.max(0, squares! - (l! ** 2 + a! ** 2 + b! ** 2) / (side * side))
    },
  }
}
