/** The cell under the pointer, compared with what the engine paints there. */
import { describe, expect, it } from 'vitest'
import { boxOf as engineBoxOf, mosaicSize as engineSize, type Grid, gridFor } from '../../engine/grid.ts'
import { hexagonRuns } from '../../engine/hexagons.ts'
import { ownersOf, type PlacedGrid } from '../../engine/places.ts'
import type { Plan } from '../../web/islands/plan.ts'
import { boxOf, cellAt, mosaicSize } from '../../web/islands/plan-cells.ts'

const places = new Int32Array(new SharedArrayBuffer(60))
/* A cell of size four, one of two, three of one; the rest is empty. */
places.set([4, 0, 4, 2, 2, 2, 1, 0, 1, 0, 3, 1, 8, 3, 1])
const hexagons: Grid = { ...gridFor(1, 1, { cell: 24, scale: 1, layout: 'hexagons' }), columns: 7, rows: 5 }
const placed: PlacedGrid = { columns: 9, rows: 4, cell: 8, cellHeight: 6, places }

const planOf = ({ places, ...grid }: Grid): Plan => ({
  grid,
  ...(places && { places: [...places] }),
  tiles: { used: [] },
  cells: [],
})

describe('the cell under the pointer', () => {
  it.each<[string, Grid]>([
    ['wide cells', { columns: 5, rows: 4, cell: 12, cellHeight: 8 }],
    ['hexagons', hexagons],
    ['cells of several sizes', placed],
  ])('is the one painted there: %s', (_, grid) => {
    const plan = planOf(grid)
    const size = engineSize(grid)
    expect(mosaicSize(plan)).toEqual(size)
    for (let y = 0; y < size.height; y++) {
      const painted = paintedLine(grid, y, size.width)
      for (let x = 0; x < size.width; x++) {
        const cell = cellAt(plan, (x + 0.5) / size.width, (y + 0.5) / size.height)
        expect([x, y, cell]).toEqual([x, y, painted[x] === -1 ? undefined : painted[x]])
        if (cell === undefined) continue
        const box = boxOf(plan, cell)
        expect(box).toEqual(engineBoxOf(grid, cell))
        expect(x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height).toBe(
          true,
        )
      }
    }
    expect(cellAt(plan, 1, 0.5)).toBeUndefined()
  })
})

function paintedLine(grid: Grid, y: number, width: number): number[] {
  const line: number[] = Array(width)
  if (grid.layout === 'hexagons') {
    hexagonRuns(grid, 0, y, 0, width, (cell, _x, _y, from, length) => line.fill(cell, from, from + length))
    return line
  }
  const row = Math.floor(y / (grid.cellHeight ?? grid.cell)) * grid.columns
  const owners = grid.places && ownersOf(grid as PlacedGrid)
  for (let x = 0; x < width; x++) {
    const at = row + Math.floor(x / grid.cell)
    line[x] = owners ? owners[at]! : at
  }
  return line
}
