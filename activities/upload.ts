/** Upload: publishes a composed mosaic. The record is written last: until then there is no mosaic. */
import { ApplicationFailure, cancellationSignal } from '@temporalio/activity'
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectExists, ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import type { TileUsage } from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type MosaicRecord, mosaicRecord } from './mosaic-record.ts'
import { type ObjectRef, readObject } from './objects.ts'
import { publishPictures } from './publish-pictures.ts'
import type { Scratch } from './scratch.ts'
import { removedSince } from './tile-library/index.ts'

interface Picture extends ObjectRef {
  width: number
  height: number
  bytes: number
}

export interface UploadInput {
  jobId: string
  /** RFC 3339: when the job was accepted. */
  date: string
  /** Parameters of the job. */
  params: { library: string; cell: number; scale?: number; distance: number; quality: number }
  fidelity: { k1: number; k2: number; k4: number; ssim?: number }
  cells: { columns: number; rows: number; count?: number }
  usage?: TileUsage | undefined
  large: Picture
  small: Picture & { thumbhash?: string }
  target?: Picture | undefined
  pyramid: ObjectRef
  plan: ObjectRef
  author?: { name?: string; handle?: string } | undefined
  post?: { network: string; id: string; url: string } | undefined
}

export interface UploadedMosaic {
  large: Picture
  small: Picture & { thumbhash?: string }
  /** The photo, at the size of the small picture. */
  target?: Picture
  dzi: ObjectRef
  plan: ObjectRef
}

/** By how much the clocks of workers and of the store may differ, ms. */
const clocksDiffer = 10_000

export function createUpload({ store, scratch }: { store: ObjectStore; scratch: Scratch }) {
  return async function upload(input: UploadInput): Promise<UploadedMosaic> {
    const signal = cancellationSignal()
    const { jobId } = input
    const published: UploadedMosaic = {
      large: { ...input.large, ...layout.mosaic.large(jobId) },
      small: { ...input.small, ...layout.mosaic.small(jobId) },
      ...(input.target && { target: { ...input.target, ...layout.mosaic.target(jobId) } }),
      dzi: layout.mosaic.dzi(jobId),
      plan: layout.mosaic.plan(jobId),
    }
    return await withHeartbeat((report) =>
      scratch.use(async (directory) => {
        if (await isPublished(jobId, signal)) return published
        await refuseRemovedTiles(input, signal)
        await publishPictures(store, input, { directory, report, signal })
        if (input.target && published.target) {
          await store.copy(input.target, published.target, { contentType: 'image/jpeg', signal })
        }
        await store.copy(input.plan, published.plan, { contentType: 'application/json', signal })
        signal.throwIfAborted()
        await refuseRemovedTiles(input, signal)
        await refuseDeleted(jobId)
        await writeRecord({
          version: 1,
          id: jobId,
          date: input.date,
          library: input.params.library,
          params: input.params,
          fidelity: input.fidelity,
          cells: input.cells,
          ...(input.usage && { usage: input.usage }),
          ...(input.author && { author: input.author }),
          ...(input.post && { post: input.post }),
          ...published,
        })
        return published
      }),
    )
  }

  /** An earlier attempt may have finished without being acknowledged; its staged work may be gone by now. */
  async function isPublished(jobId: string, signal: AbortSignal): Promise<boolean> {
    try {
      const bytes = await readObject(store, layout.mosaic.record(jobId), signal)
      return mosaicRecord.parse(JSON.parse(Buffer.from(bytes).toString())).id === jobId
    } catch (error) {
      if (error instanceof ObjectNotFound) return false
      throw error
    }
  }

  /**
   * Whoever takes somebody's tiles out of a library wants them out of its mosaics, too, and looks for those that there are. This is
   * none yet, however long it waited for a moderator.
   */
  async function refuseRemovedTiles(
    { jobId, plan, params }: UploadInput,
    signal: AbortSignal,
  ): Promise<void> {
    const planned = await store.head(plan.bucket, plan.key)
    if (!planned) return
    const removed = await removedSince(store, params.library, planned.modifiedAt.getTime() - clocksDiffer)
    if (removed.size === 0) return
    const { tiles } = JSON.parse(Buffer.from(await readObject(store, plan, signal)).toString()) as {
      tiles: { used: { id: string }[] }
    }
    if (!tiles.used.some(({ id }) => removed.has(id))) return
    await deleteAll(store, ...layout.results(jobId))
    throw ApplicationFailure.nonRetryable(
      `Tiles of the mosaic ${jobId} were removed from the library "${params.library}" after it was planned.`,
      'tile_missing',
    )
  }

  /** Somebody deleted the job while its pictures went up: it must not rise again. */
  async function refuseDeleted(jobId: string): Promise<void> {
    const { bucket, key } = layout.tombstone(jobId)
    if (await store.head(bucket, key))
      throw ApplicationFailure.nonRetryable(`The job ${jobId} was deleted while it ran.`, 'job_deleted')
  }

  /** A conditional write: of two concurrent attempts, one writes the record and the other finds it. */
  async function writeRecord(record: MosaicRecord): Promise<void> {
    const { bucket, key } = layout.mosaic.record(record.id)
    try {
      await store.put(bucket, key, Buffer.from(JSON.stringify(record)), {
        contentType: 'application/json',
        mode: 'create',
      })
    } catch (error) {
      if (!(error instanceof ObjectExists)) throw error
    }
  }
}
