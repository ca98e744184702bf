import type { MosaicPlan, TileSet } from '../../engine/index.ts'

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** The area of a cell in units of the smallest cell. */
export function boxesOf({ grid, cells }: MosaicPlan): Box[] {
  return Array.from(cells, (_, cell) => {
    const [left, top, side] = grid.places
      ? [grid.places[cell * 3]!, grid.places[cell * 3 + 1]!, grid.places[cell * 3 + 2]!]
      : [cell % grid.columns, Math.floor(cell / grid.columns), 1]
    return { left, top, right: left + side, bottom: top + side }
  })
}

/**
 * Pairs of cells with equal tiles closer than `distance` times the smaller one's side, which for equal sizes means within
 * `distance` moves of a chess king. Checks all pairs.
 */
export function violations(plan: MosaicPlan, tiles: TileSet): string[] {
  const groupOf = new Map(
    Array.from({ length: tiles.count }, (_, i) => [tiles.credit(i).id, tiles.groups[i]!]),
  )
  const boxes = boxesOf(plan)
  const group = (cell: number) => groupOf.get(plan.tiles[plan.cells[cell]!]!.id)
  const found: string[] = []
  for (let a = 0; a < boxes.length; a++)
    for (let b = a + 1; b < boxes.length; b++) {
      const [one, other] = [boxes[a]!, boxes[b]!]
      const across = Math.max(other.left - one.right, one.left - other.right)
      const down = Math.max(other.top - one.bottom, one.top - other.bottom)
      const side = Math.min(one.right - one.left, other.right - other.left)
      if (Math.max(across, down) < plan.options.distance * side && group(a) === group(b))
        found.push(`${a} and ${b}`)
    }
  return found
}
