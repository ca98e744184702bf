/** Tile match: decides which photo of the library stands in which cell, and writes that down as the plan. */
import { cancellationSignal } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import {
  encodePlan,
  fittingScale,
  type MosaicPlan,
  type PictureLimits,
  planMosaic,
  type TileUsage,
  tilesInUse,
  tileUsage,
} from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'
import type { TileLibraries } from './tile-libraries.ts'

export interface TileMatchInput {
  jobId: string
  /** Pixels, upright. */
  photo: ObjectRef & { width: number; height: number }
  library: string
  /** Pixels of a cell's side in the mosaic. */
  cell: number
  cellHeight?: number | undefined
  layout?: 'grid' | 'hexagons' | 'quadtree' | undefined
  detail?: number | undefined
  /** Where there are to be cells. */
  mask?: ObjectRef | 'alpha' | undefined
  background?: string | undefined
  /** The mosaic's size over the photo's. Absent: what suits the photo's size. */
  scale?: number | undefined
  /** Equal tiles stand more than this many cells apart, counted as a chess king moves. */
  distance: number
  most?: number | undefined
  least?: number | undefined
  search?: 'local' | 'global' | undefined
  flips?: 'off' | 'mirror' | 'both' | 'all' | undefined
  tone?: 'off' | 'bounded' | 'full' | undefined
  cheat?: number | undefined
}

export interface PlannedMosaic {
  plan: ObjectRef
  columns: number
  rows: number
  /** Cells, where they differ in size or some are missing. */
  count?: number
  /** Different tiles in use. */
  tiles: number
  fidelity: { k1: number; k2: number; k4: number; ssim?: number }
  usage: TileUsage
}

/** As a job tells of them. */
export const cellsOf = ({ grid, cells }: MosaicPlan): { columns: number; rows: number; count?: number } => ({
  columns: grid.columns,
  rows: grid.rows,
  ...(grid.places && { count: cells.length }),
})

export function createTileMatch({
  store,
  libraries,
  limits,
}: {
  store: ObjectStore
  libraries: TileLibraries
  limits: PictureLimits
}) {
  return async function tileMatch(input: TileMatchInput): Promise<PlannedMosaic> {
    const signal = cancellationSignal()
    return await withHeartbeat(async (report) => {
      const { photo, cell, cellHeight, distance, most, detail, background } = input
      const [target, mask, tiles] = await Promise.all([
        readObject(store, photo, signal),
        typeof input.mask === 'object' ? readObject(store, input.mask, signal) : input.mask,
        libraries.open(input.library, signal),
      ])
      const { least = 0, search = 'local', flips = 'off', tone = 'off', cheat = 0 } = input
      const scale = input.scale ?? fittingScale(photo.width, photo.height, cell, cellHeight)
      const plan = await planMosaic({
        target,
        ...(mask !== undefined && { mask }),
        tiles,
        options: {
          ...{ cell, scale, layout: input.layout ?? 'grid', distance, least, search, flips, tone, cheat },
          ...(most !== undefined && { most }),
          ...(cellHeight !== undefined && { cellHeight }),
          ...(detail !== undefined && { detail }),
          ...(background !== undefined && { background }),
        },
        limits,
        onProgress: report,
        signal,
      })
      const place = layout.work.plan(input.jobId)
      await store.put(place.bucket, place.key, encodePlan(plan), { contentType: 'application/json', signal })
      return {
        plan: place,
        ...cellsOf(plan),
        tiles: tilesInUse(plan),
        fidelity: plan.fidelity,
        usage: tileUsage(plan),
      }
    })
  }
}
