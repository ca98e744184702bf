/** Compose: renders the plan as one large picture and a deep-zoom pyramid, staged in the store. */
import { cancellationSignal } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { composeApart, decodePlan, type PictureLimits } from '../engine/index.ts'
import { earlierMosaic } from './earlier-mosaic.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, putFile, readObject } from './objects.ts'
import type { Scratch } from './scratch.ts'
import type { TileLibraries } from './tile-libraries.ts'

export interface ComposeInput {
  jobId: string
  plan: ObjectRef
  library: string
  /** JPEG quality, 1..100. */
  quality: number
  /** The photo, if some of it is blended over the mosaic. */
  photo?: ObjectRef | undefined
  /** Kind of pyramid. Absent: all its tiles are rendered here. */
  kind?: 'stored' | 'virtual' | undefined
  /** ID of the published mosaic that the plan was derived from: unchanged areas are copied from it. */
  earlier?: string | undefined
}

export interface ComposedMosaic {
  large: ObjectRef & { width: number; height: number; bytes: number }
  /** The deep-zoom pyramid in one archive: `mosaic.dzi` and `mosaic_files/`. */
  pyramid: ObjectRef
}

export function createCompose({
  store,
  libraries,
  scratch,
  limits,
}: {
  store: ObjectStore
  libraries: TileLibraries
  scratch: Scratch
  limits: PictureLimits
}) {
  return async function compose({
    jobId,
    plan,
    library,
    quality,
    kind,
    photo,
    earlier: earlierId,
  }: ComposeInput): Promise<ComposedMosaic> {
    const signal = cancellationSignal()
    return await withHeartbeat((report) =>
      scratch.use(async (directory) => {
        const [planBytes, target, tiles] = await Promise.all([
          readObject(store, plan, signal),
          photo && readObject(store, photo, signal),
          libraries.open(library, signal),
        ])
        const earlier =
          earlierId === undefined ? undefined : await earlierMosaic(store, earlierId, directory, signal)
        const { large, pyramid } = await composeApart({
          plan: decodePlan(planBytes),
          tiles,
          directory,
          quality,
          ...(target && { target: { bytes: target, limits } }),
          ...(earlier && { earlier }),
          pyramid: kind === 'virtual' ? 'virtual' : true,
          onProgress: report,
          signal,
        })
        const largeAt = layout.work.large(jobId)
        const pyramidAt = layout.work.pyramid(jobId)
        await putFile(store, largeAt, large.path, { contentType: 'image/jpeg', signal })
        await putFile(store, pyramidAt, pyramid.path, { contentType: 'application/zip', signal })
        const { width, height, bytes } = large
        return { large: { ...largeAt, width, height, bytes }, pyramid: pyramidAt }
      }),
    )
  }
}
