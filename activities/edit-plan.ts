/** Edit plan: derives the plan of a new mosaic from a finished one, with other tiles in some cells. */
import { ApplicationFailure, cancellationSignal } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { decodePlan, editPlan as edited, type PictureLimits, type PlanEdits } from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { mosaicRecord } from './mosaic-record.ts'
import { type ObjectRef, readObject } from './objects.ts'
import { keepPlan, type PlannedMosaic } from './planned-mosaic.ts'
import type { TileLibraries } from './tile-libraries.ts'

export interface EditPlanInput {
  jobId: string
  /** ID of the mosaic to edit, which itself stays unchanged. */
  mosaic: string
  edits: PlanEdits
  library: string
}

export interface EditedMosaic extends PlannedMosaic {
  /** Cells that show another tile, or the same tile in another orientation or tone. */
  changed: number
  /** The mosaic's photo, at the size of its small picture. Absent if none was kept. */
  photo?: ObjectRef & { width: number; height: number }
  author?: { name?: string; handle?: string }
}

export function createEditPlan({
  store,
  libraries,
  limits,
}: {
  store: ObjectStore
  libraries: TileLibraries
  limits: PictureLimits
}) {
  return async function editPlan(input: EditPlanInput): Promise<EditedMosaic> {
    const { jobId, mosaic, edits } = input
    const signal = cancellationSignal()
    return await withHeartbeat(async () => {
      const { record, before, target } = await published(mosaic, signal)
      const tiles = await libraries.open(input.library, signal)
      const { plan, changed } = await edited({
        ...{ plan: before, tiles, edits, limits, signal },
        ...(target && { target }),
      })
      const planned = await keepPlan(store, layout.work.plan(jobId), plan, signal)
      // A copy, because the original mosaic may be deleted at any time.
      const photoAt = layout.work.photo(jobId)
      if (record.target) await store.copy(record.target, photoAt, { contentType: 'image/jpeg', signal })
      return {
        ...planned,
        changed: changed.length,
        ...(record.target && {
          photo: { ...photoAt, width: record.target.width, height: record.target.height },
        }),
        ...(record.author && { author: record.author }),
      }
    })
  }

  async function published(mosaic: string, signal: AbortSignal) {
    try {
      const [bytes, plan] = await Promise.all([
        readObject(store, layout.mosaic.record(mosaic), signal),
        readObject(store, layout.mosaic.plan(mosaic), signal),
      ])
      const record = mosaicRecord.parse(JSON.parse(Buffer.from(bytes).toString()))
      const target = record.target && (await readObject(store, record.target, signal))
      return { record, before: decodePlan(plan), target }
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error
      throw ApplicationFailure.nonRetryable(
        `The mosaic ${mosaic} no longer exists, so it cannot be edited.`,
        'mosaic_gone',
      )
    }
  }
}
