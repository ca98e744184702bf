/** A planned mosaic, not composed yet: its plan is in the store, its summary travels with the workflow. */
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { encodePlan, type MosaicPlan, type TileUsage, tilesInUse, tileUsage } from '../engine/index.ts'
import type { ObjectRef } from './objects.ts'

export interface PlannedMosaic {
  plan: ObjectRef
  columns: number
  rows: number
  /** Number of cells, if they differ in size or some are missing. */
  count?: number
  /** Distinct tiles in use. */
  tiles: number
  fidelity: { k1: number; k2: number; k4: number; ssim?: number }
  usage: TileUsage
}

export async function keepPlan(
  store: ObjectStore,
  { bucket, key }: ObjectRef,
  plan: MosaicPlan,
  signal: AbortSignal,
): Promise<PlannedMosaic> {
  await store.put(bucket, key, encodePlan(plan), { contentType: 'application/json', signal })
  return {
    plan: { bucket, key },
    ...cellsOf(plan),
    tiles: tilesInUse(plan),
    fidelity: plan.fidelity,
    usage: tileUsage(plan),
  }
}

/** In the form of `MosaicCells`. */
const cellsOf = ({ grid, cells }: MosaicPlan): { columns: number; rows: number; count?: number } => ({
  columns: grid.columns,
  rows: grid.rows,
  ...(grid.places && { count: cells.length }),
})
