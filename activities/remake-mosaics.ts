/** Remake mosaics: renders mosaics again from their plans, replacing tiles that have left the library. */
import { cancellationSignal } from '@temporalio/activity'
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { decodePlan, encodePlan, type PictureLimits, rematchPlan } from '../engine/index.ts'
import { createCompose } from './compose.ts'
import { withHeartbeat } from './heartbeat.ts'
import { galleryEntry, type MosaicRecord, mosaicRecord } from './mosaic-record.ts'
import { type ObjectRef, readObject } from './objects.ts'
import { publishPictures } from './publish-pictures.ts'
import { removeMosaic } from './remove-mosaic.ts'
import type { Scratch } from './scratch.ts'
import { createThumbnail } from './thumbnail.ts'
import type { TileLibraries } from './tile-libraries.ts'

export interface RemakeMosaicsInput {
  jobId: string
  /** IDs of mosaics: a JSON list. */
  mosaics: ObjectRef
  /** The part of the list for this step. */
  start: number
  count: number
}

export interface RemadeMosaics {
  remade: number
  failed: { name: string; code: string; message: string }[]
}

export function createRemakeMosaics(adapters: {
  store: ObjectStore
  gallery: GalleryCache
  libraries: TileLibraries
  scratch: Scratch
  limits: PictureLimits
  site: string
}) {
  const { store, gallery, libraries, scratch, limits, site } = adapters
  const compose = createCompose(adapters)
  const thumbnail = createThumbnail(adapters)

  return async function remakeMosaics(input: RemakeMosaicsInput): Promise<RemadeMosaics> {
    const signal = cancellationSignal()
    return await withHeartbeat(async (report) => {
      const list = JSON.parse(
        Buffer.from(await readObject(store, input.mosaics, signal)).toString(),
      ) as string[]
      const mine = list.slice(input.start, input.start + input.count)
      const result: RemadeMosaics = { remade: 0, failed: [] }
      for (const [n, id] of mine.entries()) {
        try {
          await remake(id, input.jobId, signal)
          result.remade++
        } catch (error) {
          const { code, retryable, message } = error as Error & { code?: string; retryable?: boolean }
          // A mosaic that cannot be remade, say because its library has too few tiles left, does not stop the others.
          if (signal.aborted || typeof code !== 'string' || retryable !== false) throw error
          result.failed.push({ name: id, code, message })
        }
        report(n + 1, mine.length)
      }
      return result
    })
  }

  /** A repeat finds a plan without gaps and does nothing, because the plan is written last. */
  async function remake(id: string, jobId: string, signal: AbortSignal): Promise<void> {
    const before = await published(id, signal)
    if (!before) return
    const { record } = before
    const tiles = await libraries.open(record.library, signal)
    const photo = record.target ?? record.small
    const target = await readObject(store, photo, signal)
    const { plan, changed } = await rematchPlan({ plan: before.plan, target, tiles, limits, signal })
    if (changed.length === 0) return

    // Under the prefix of the removing job, because the mosaic's own prefix belongs to its job.
    const workId = `${jobId}/${id}`
    const planAt = layout.work.plan(workId)
    await store.put(planAt.bucket, planAt.key, encodePlan(plan), { contentType: 'application/json', signal })
    const { quality = 85, pyramid: kind } = (record.params ?? {}) as {
      quality?: number
      pyramid?: 'stored' | 'virtual'
    }
    const over = plan.options.cheat > 0 ? { photo } : {}
    const work = { jobId: workId, plan: planAt, library: record.library, quality, kind, ...over }
    const composed = await compose(work)
    const small = await thumbnail({ jobId: workId, large: composed.large })
    if (!(await published(id, signal))) return
    await scratch.use((directory) =>
      publishPictures(
        store,
        { ...record, jobId: id, small, ...composed } as Parameters<typeof publishPictures>[1],
        { directory, report: () => {}, signal },
      ),
    )
    const after: MosaicRecord = {
      ...record,
      large: { ...record.large, bytes: composed.large.bytes },
      small: { ...small, ...layout.mosaic.small(id) },
      fidelity: plan.fidelity,
    }
    const place = layout.mosaic.record(id)
    await store.put(place.bucket, place.key, Buffer.from(JSON.stringify(after)), {
      contentType: 'application/json',
    })
    await gallery.put(galleryEntry(after, site))
    await store.copy(planAt, layout.mosaic.plan(id), { contentType: 'application/json', signal })
    // If it was deleted while being published, remove it again. A deletion after this check finds everything.
    const tombstone = layout.tombstone(id)
    if (await store.head(tombstone.bucket, tombstone.key)) await removeMosaic({ store, gallery }, id)
  }

  async function published(id: string, signal: AbortSignal) {
    try {
      const [record, plan] = await Promise.all([
        readObject(store, layout.mosaic.record(id), signal),
        readObject(store, layout.mosaic.plan(id), signal),
      ])
      return {
        record: mosaicRecord.parse(JSON.parse(Buffer.from(record).toString())),
        plan: decodePlan(plan),
      }
    } catch (error) {
      // Deleted: nothing to remake.
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }
}
