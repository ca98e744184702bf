/** Tile match: decides which tile goes into which cell, and stores that as the plan. */
import { cancellationSignal } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { fittingScale, type PictureLimits, planMosaic } from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'
import { keepPlan, type PlannedMosaic } from './planned-mosaic.ts'
import type { TileLibraries } from './tile-libraries.ts'

export interface TileMatchInput {
  jobId: string
  /** Size in pixels, with the EXIF orientation applied. */
  photo: ObjectRef & { width: number; height: number }
  library: string
  /** Side of a cell in the mosaic, pixels. */
  cell: number
  cellHeight?: number | undefined
  layout?: 'grid' | 'hexagons' | 'quadtree' | undefined
  detail?: number | undefined
  /** Where cells go. */
  mask?: ObjectRef | 'alpha' | undefined
  background?: string | undefined
  /** Size of the mosaic relative to the photo. Absent: depends on the photo's size. */
  scale?: number | undefined
  /** Equal tiles are more than this many cells apart, counted like moves of a chess king. */
  distance: number
  most?: number | undefined
  least?: number | undefined
  search?: 'local' | 'global' | undefined
  flips?: 'off' | 'mirror' | 'both' | 'all' | undefined
  tone?: 'off' | 'bounded' | 'full' | undefined
  cheat?: number | undefined
}

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
      return await keepPlan(store, layout.work.plan(input.jobId), plan, signal)
    })
  }
}
