/** Bulk resize: one batch of a bulk job. A picture that fails is reported in its outcome and does not fail the batch. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { cancellationSignal } from '@temporalio/activity'
import pLimit from 'p-limit'
import { FetchError, type GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import {
  PictureError,
  type PictureLimits,
  type ResizedPicture,
  type ResizeOptions,
  resizePictures,
  sniffFormat,
} from '../engine/index.ts'
import { type BulkItem, type Outcome, readBatch, writeOutcomes } from './bulk-items.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'
import type { ResizeParams } from './resize.ts'

/** Without a format, each picture keeps its own. */
export type BulkParams = Omit<ResizeParams, 'format'> & { format?: ResizeParams['format'] }

export interface BulkResizeInput {
  jobId: string
  run: string
  round: number
  batch: number
  params: BulkParams
}

/** Attempts for a URL that fails temporarily, and the longest wait between them, ms. */
const attempts = 3
const longestWaitMs = 5_000

/** Pictures of a batch in flight: while one is resized, others are read and stored. */
const picturesInFlight = 3

export function createBulkResize({
  store,
  fetch,
  limits,
}: {
  store: ObjectStore
  fetch: GuardedFetch
  limits: PictureLimits
}) {
  /** Shared by all batches of this process, so that resizing never exceeds the number of cores. */
  const onCore = pLimit(availableParallelism())

  return async function bulkResize({
    params,
    run,
    ...where
  }: BulkResizeInput): Promise<{ succeeded: number; failed: number }> {
    const signal = cancellationSignal()
    return await withHeartbeat(async (report) => {
      const items = await readBatch(store, where, signal)
      const { image, ...mark } = params.watermark ?? {}
      const watermark = image && (await readObject(store, image, signal))
      const options = { ...params, watermark: params.watermark && mark }
      let done = 0
      const inFlight = pLimit(picturesInFlight)
      const outcomes = await inFlight
        .map(items, async (item) => {
          const outcome = await outcomeOf(item, () => resizeOne(item))
          report(++done, items.length)
          return outcome
        })
        // If the step fails, pictures not yet started are left to its next attempt.
        .finally(() => inFlight.clearQueue())
      await writeOutcomes(store, where, run, outcomes)
      const failed = outcomes.filter(({ error }) => error).length
      return { succeeded: outcomes.length - failed, failed }

      async function resizeOne(item: BulkItem) {
        const original = await read(item, signal)
        const format = params.format ?? sameFormat(original)
        const made = await onCore(() =>
          resizePictures(original, { ...options, format } as ResizeOptions, { signal, limits, watermark }),
        )
        const first = made[0]!
        if (!params.outputs)
          return await keep(first, layout.bulk.result(where.jobId, item.index, first.format), signal)
        const outputs = []
        for (const one of made) {
          const place = layout.bulk.output(where.jobId, item.index, one.name ?? '', one.format)
          outputs.push({ name: one.name ?? '', ...(await keep(one, place, signal)) })
        }
        const { name: _, ...result } = outputs[0]!
        return { ...result, outputs }
      }
    })
  }

  async function read({ source }: BulkItem, signal: AbortSignal): Promise<Uint8Array> {
    if ('object' in source) return await readObject(store, source.object, signal)
    for (let attempt = 1; ; attempt++) {
      try {
        return (await fetch(source.url, { signal })).bytes
      } catch (error) {
        if (!(error instanceof FetchError) || !error.retryable || attempt === attempts) throw error
        await sleep(Math.min(longestWaitMs, (error.retryAfterSeconds ?? attempt) * 1000), undefined, {
          signal,
        })
      }
    }
  }

  async function keep(
    { bytes, width, height, format, contentType }: ResizedPicture,
    place: ObjectRef,
    signal: AbortSignal,
  ) {
    await store.put(place.bucket, place.key, bytes, { contentType, signal })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { key: place.key, width, height, format, bytes: bytes.byteLength, sha256 }
  }
}

/** A bad picture is an outcome; an unavailable store or a bug fails the step. */
async function outcomeOf(
  { index, name, source }: BulkItem,
  make: () => Promise<NonNullable<Outcome['result']>>,
): Promise<Outcome> {
  try {
    return { index, name, result: await make() }
  } catch (error) {
    if (!(error instanceof PictureError || error instanceof FetchError || error instanceof ObjectNotFound))
      throw error
    return { index, name, source, error: { code: error.code, message: error.message } }
  }
}

function sameFormat(bytes: Uint8Array): ResizeParams['format'] {
  const sniffed = sniffFormat(bytes)
  return sniffed && 'format' in sniffed ? sniffed.format : 'jpeg'
}
