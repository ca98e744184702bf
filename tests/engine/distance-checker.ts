import type { MosaicPlan, TileSet } from '../../engine/index.ts'

/** Pairs of cells that hold equal tiles within `distance` of each other; looks at every pair there can be. */
export function violations(plan: MosaicPlan, tiles: TileSet): string[] {
  const groupOf = new Map(
    Array.from({ length: tiles.count }, (_, i) => [tiles.credit(i).id, tiles.groups[i]!]),
  )
  const { columns } = plan.grid
  const group = (cell: number) => groupOf.get(plan.tiles[plan.cells[cell]!]!.id)
  const found: string[] = []
  for (let a = 0; a < plan.cells.length; a++)
    for (let b = a + 1; b < plan.cells.length; b++) {
      const across = Math.abs((a % columns) - (b % columns))
      const down = Math.abs(Math.floor(a / columns) - Math.floor(b / columns))
      if (Math.max(across, down) <= plan.options.distance && group(a) === group(b))
        found.push(`${a} and ${b}`)
    }
  return found
}
