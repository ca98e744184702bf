/** Bulk resize: one batch of a bulk job, picture after picture. What is wrong with one is told of that one. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { cancellationSignal } from '@temporalio/activity'
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

/** Tries for an address that fails for the moment, and the longest wait between them, ms. */
const tries = 3
const longestWaitMs = 5_000

export function createBulkResize({
  store,
  fetch,
  limits,
}: {
  store: ObjectStore
  fetch: GuardedFetch
  limits: PictureLimits
}) {
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
      const outcomes: Outcome[] = []
      // The next one is fetched while this one is resized.
      let ahead = items[0] && attempt(read(items[0], signal))
      for (const [at, item] of items.entries()) {
        const bytes = ahead!
        const following = items[at + 1]
        ahead = following && attempt(read(following, signal))
        outcomes.push(await outcomeOf(item, async () => await make(item, await unwrap(bytes))))
        report(at + 1, items.length)
      }
      await writeOutcomes(store, where, run, outcomes)
      const failed = outcomes.filter(({ error }) => error).length
      return { succeeded: outcomes.length - failed, failed }

      async function make(item: BulkItem, original: Uint8Array) {
        const format = params.format ?? sameFormat(original)
        const made = await resizePictures(original, { ...options, format } as ResizeOptions, {
          signal,
          limits,
          watermark,
        })
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
    for (let tried = 1; ; tried++) {
      try {
        return (await fetch(source.url, { signal })).bytes
      } catch (error) {
        if (!(error instanceof FetchError) || !error.retryable || tried === tries) throw error
        await sleep(Math.min(longestWaitMs, (error.retryAfterSeconds ?? tried) * 1000), undefined, { signal })
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

/** What is wrong with a picture is its own affair; a store that is down, or a defect, is not. */
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

/** A failure that is looked at later must not be one that nobody handles meanwhile. */
type Attempt<T> = Promise<{ value: T } | { error: unknown }>
const attempt = <T>(work: Promise<T>): Attempt<T> =>
  work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
async function unwrap<T>(attempted: Attempt<T>): Promise<T> {
  const settled = await attempted
  if ('error' in settled) throw settled.error
  return settled.value
}

function sameFormat(bytes: Uint8Array): ResizeParams['format'] {
  const sniffed = sniffFormat(bytes)
  return sniffed && 'format' in sniffed ? sniffed.format : 'jpeg'
}
