/**
 * Cells listed one by one, because they differ in size or leave parts of the grid empty. Each is a square of
 * grid cells; the grid's own cells are the smallest and the unit here.
 */
import type { Grid } from './grid.ts'

/** Column, row and side of each cell, three numbers each: largest first, then in raster order. */
export type Places = Int32Array<SharedArrayBuffer>

/** A grid with listed cells. */
export type PlacedGrid = Grid & { places: Places }

export interface Place {
  column: number
  row: number
  side: number
}

export const isPlaced = (grid: Grid): grid is PlacedGrid => grid.places !== undefined

/** The number of cells to fill. */
export const cellCount = ({ columns, rows, places }: Grid): number =>
  places ? places.length / 3 : columns * rows

export function placeOf({ columns, places }: Grid, cell: number): Place {
  if (!places) return { column: cell % columns, row: Math.floor(cell / columns), side: 1 }
  return { column: places[cell * 3]!, row: places[cell * 3 + 1]!, side: places[cell * 3 + 2]! }
}

/** For each smallest cell, in raster order: the cell that covers it, or -1. */
export function ownersOf({ columns, rows, places }: PlacedGrid): Int32Array<SharedArrayBuffer> {
  const owners = new Int32Array(new SharedArrayBuffer(columns * rows * 4)).fill(-1)
  for (let at = 0, cell = 0; at < places.length; at += 3, cell++) {
    const start = places[at + 1]! * columns + places[at]!
    const side = places[at + 2]!
    for (let row = 0; row < side; row++)
      owners.fill(cell, start + row * columns, start + row * columns + side)
  }
  return owners
}

/** Whether parts of the grid are covered by no cell. */
export function hasHoles(grid: Grid): boolean {
  if (!grid.places) return false
  return areaOf(grid.places) < grid.columns * grid.rows
}

/** Total area, in smallest cells. */
export function areaOf(places: Places): number {
  let area = 0
  for (let at = 2; at < places.length; at += 3) area += places[at]! ** 2
  return area
}

/** Sorts into the order of {@link Places}. */
export function inPlaceOrder(list: Place[]): Places {
  list.sort((a, b) => b.side - a.side || a.row - b.row || a.column - b.column)
  const places = new Int32Array(new SharedArrayBuffer(list.length * 12))
  list.forEach(({ column, row, side }, i) => {
    places.set([column, row, side], i * 3)
  })
  return places
}

/**
 * Finds the cells that may not hold the same tile as a cell: those whose Chebyshev distance is less than
 * `distance` times the smaller one's side. Among cells of one size this is the rule of a plain grid.
 *
 * @returns `find` fills `near` from its beginning and returns the number of cells found
 */
export function neighboursIn(
  grid: PlacedGrid,
  distance: number,
  owners: Int32Array = ownersOf(grid),
): { near: Int32Array; find: (cell: number) => number } {
  const { columns, rows, places } = grid
  const near = new Int32Array(places.length / 3)
  const find = (cell: number): number => {
    const column = places[cell * 3]!
    const row = places[cell * 3 + 1]!
    const side = places[cell * 3 + 2]!
    const left = Math.max(0, column - distance * side)
    const right = Math.min(columns, column + side + distance * side)
    const top = Math.max(0, row - distance * side)
    const bottom = Math.min(rows, row + side + distance * side)
    let count = 0
    for (let v = top; v < bottom; v++)
      for (let u = left; u < right; ) {
        const other = owners[v * columns + u]!
        if (other < 0) {
          u++
          continue
        }
        const x = places[other * 3]!
        const y = places[other * 3 + 1]!
        const its = places[other * 3 + 2]!
        u = x + its
        /* Each is counted once, at the first line where it is visible. */
        if (other === cell || v !== Math.max(top, y)) continue
        const across = Math.max(x - column - side, column - x - its)
        const down = Math.max(y - row - side, row - y - its)
        if (Math.max(across, down) < distance * Math.min(side, its)) near[count++] = other
      }
    return count
  }
  return { near, find }
}
