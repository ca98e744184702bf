/** Positions of a plan's cells in pixels of the mosaic, as in `engine/grid.ts`, `hexagons.ts` and `places.ts`. */
import type { Plan } from './plan.ts'

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

/** Column and row, from 0, and the side in units of the smallest cell. */
export function placeOf({ grid: { columns }, places }: Plan, cell: number) {
  if (!places) return { column: cell % columns, row: Math.floor(cell / columns), side: 1 }
  return { column: places[cell * 3]!, row: places[cell * 3 + 1]!, side: places[cell * 3 + 2]! }
}

/** Geometry of hexagons: a quarter of the height (rows are three of these apart), and the shift of every other row. */
const hexagons = ({ cell, cellHeight = cell }: Plan['grid']) => ({
  quarter: cellHeight / 4,
  shift: cell >> 1,
})

export function mosaicSize({ grid }: Plan): { width: number; height: number } {
  const { columns, rows, cell, cellHeight = cell } = grid
  if (grid.layout !== 'hexagons') return { width: columns * cell, height: rows * cellHeight }
  const { quarter, shift } = hexagons(grid)
  return { width: columns * cell - shift, height: rows * quarter * 3 - quarter }
}

/** May reach beyond the mosaic for hexagons. */
export function boxOf(plan: Plan, cell: number): Box {
  const { grid } = plan
  const { column, row, side } = placeOf(plan, cell)
  const [width, height] = [grid.cell * side, (grid.cellHeight ?? grid.cell) * side]
  if (grid.layout !== 'hexagons') {
    return { left: column * grid.cell, top: row * (grid.cellHeight ?? grid.cell), width, height }
  }
  const { quarter, shift } = hexagons(grid)
  return { left: column * width + (row % 2) * shift - shift, top: row * quarter * 3 - quarter, width, height }
}

/** The cell at a position, 0..1 of the mosaic's width and height; undefined if there is none. */
export function cellAt(plan: Plan, x: number, y: number): number | undefined {
  if (x < 0 || y < 0 || x >= 1 || y >= 1) return undefined
  const { columns, rows, layout } = plan.grid
  const at =
    layout === 'hexagons' ? hexagonAt(plan, x, y) : Math.floor(y * rows) * columns + Math.floor(x * columns)
  if (!plan.places) return at
  const cell = ownersOf(plan, plan.places)[at]!
  return cell < 0 ? undefined : cell
}

function hexagonAt(plan: Plan, x: number, y: number): number {
  const { columns, rows, cell: width } = plan.grid
  const { quarter, shift } = hexagons(plan.grid)
  const size = mosaicSize(plan)
  const pitch = quarter * 3
  const across = x * size.width + shift
  const down = y * size.height + quarter
  const row = Math.min(rows - 1, Math.floor(down / pitch))
  const inRow = down - row * pitch
  const own = (row % 2) * shift
  const column = Math.floor((across - own) / width)
  /* Above its slanted upper sides, the row above begins. */
  const reach = inRow < quarter ? (inRow / quarter) * (width / 2) : width
  const isAbove = row > 0 && Math.abs(across - own - (column + 0.5) * width) >= reach
  const found = isAbove ? Math.floor((across - (own === 0 ? shift : 0)) / width) : column
  return (row - (isAbove ? 1 : 0)) * columns + Math.max(0, Math.min(columns - 1, found))
}

const known = new WeakMap<Plan, Int32Array>()

/** Maps each smallest cell to the cell that covers it. Used for every move of the pointer. */
function ownersOf(plan: Plan, places: readonly number[]): Int32Array {
  const before = known.get(plan)
  if (before) return before
  const { columns, rows } = plan.grid
  const owners = new Int32Array(columns * rows).fill(-1)
  for (let at = 0, cell = 0; at < places.length; at += 3, cell++) {
    const side = places[at + 2]!
    for (let row = places[at + 1]!; row < places[at + 1]! + side; row++)
      owners.fill(cell, row * columns + places[at]!, row * columns + places[at]! + side)
  }
  known.set(plan, owners)
  return owners
}
