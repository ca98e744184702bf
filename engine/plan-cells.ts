/** The parts of a plan that describe its cells. */
import { squaredDistance } from './features.ts'
import type { MosaicPlan, PlannedTile } from './plan.ts'
import { featureLength, type TileSet } from './tile-set.ts'
import type { TileVariants } from './tile-variants.ts'

/** RMS OKLab distance x 100, to 0.01, of a cell from the tile in it. */
export function scoreOf(cells: Float32Array, cell: number, tiles: Float32Array, tile: number): number {
  const perSample = squaredDistance(cells, cell, tiles, tile) / (featureLength / 3)
  return Math.round(Math.sqrt(perSample) * 1e4) / 100
}

/** The tiles in use with their credits, and an index into them for each cell. */
export function planOf(
  tiles: TileSet,
  variants: TileVariants,
  chosen: Uint32Array,
): Pick<MosaicPlan, 'tileSet' | 'tiles' | 'cells'> {
  const used = [...new Set(chosen)].sort((a, b) => a - b)
  const place = new Uint32Array((used.at(-1) ?? -1) + 1)
  used.forEach((tile, i) => {
    place[tile] = i
  })
  return {
    tileSet: tiles.version,
    tiles: used.map((variant) => plannedTile(tiles, variants, variant)),
    cells: chosen.map((tile) => place[tile]!),
  }
}

function plannedTile(tiles: TileSet, { tileOf, orientationOf }: TileVariants, variant: number): PlannedTile {
  const orientation = orientationOf(variant)
  return { ...tiles.credit(tileOf(variant)), ...(orientation > 0 && { orientation }) }
}

/** Renumbers groups from 0 without gaps. */
export function numberGroups(groups: Uint32Array): {
  groups: Uint32Array<SharedArrayBuffer>
  groupCount: number
} {
  const number = new Map<number, number>()
  for (const group of groups) if (!number.has(group)) number.set(group, number.size)
  const dense = new Uint32Array(new SharedArrayBuffer(groups.length * 4))
  groups.forEach((group, tile) => {
    dense[tile] = number.get(group)!
  })
  return { groups: dense, groupCount: number.size }
}
