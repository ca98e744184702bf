/** Index tiles: turns photos into tiles of a library, and reports those that cannot become one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { z } from 'zod'
import { FetchError, type GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
import type { BlockList } from '../adapters/moderation/block-list.ts'
import { openReviewQueue } from '../adapters/moderation/review-queue.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { removeOrder } from '../adapters/orders.ts'
import { PictureError, type PictureLimits } from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { createHoldForReview, PhotoRefused } from './hold-for-review.ts'
import { type ObjectRef, readObject } from './objects.ts'
import { addTiles, type PhotoOffer } from './tile-library/index.ts'

export interface IndexTilesInput {
  library: string
  /** The photos, or a reference to a JSON list of {@link tileSources}. */
  sources: ObjectRef | z.input<typeof tileSources>
  /** The part of the list for this step: at most `count` photos from `start`. */
  start: number
  count: number
  /** How many skipped photos the result may name: names add up in the workflow's history. */
  nameAtMost: number
  /** A moderator has approved them. */
  approved?: boolean | undefined
}

export interface IndexedTiles {
  added: number
  duplicates: number
  /** Held until a moderator decides. Absent: none. */
  held?: number
  skipped: { name: string; code: string; message: string }[]
  /** Tiles in the library now. */
  size: number
}

const objectRef = z.object({ bucket: z.enum(['in', 'raw', 'large', 'small']), key: z.string() })
const tileSources = z.array(
  z.object({
    source: z.union([z.object({ object: objectRef }), z.object({ url: z.string() })]),
    name: z.string(),
    author: z
      .object({
        name: z.string().exactOptional(),
        handle: z.string().exactOptional(),
        url: z.string().exactOptional(),
      })
      .exactOptional(),
  }),
)

type TileSources = z.infer<typeof tileSources>

/** Characters: results that travel through Temporal stay small, however long a URL is. */
const longestName = 120
const longestMessage = 200

/** Attempts for a URL that fails temporarily, and the longest wait between them, ms. */
const attempts = 3
const longestWaitMs = 5_000

export function createIndexTiles({
  store,
  fetch,
  limits,
  blocked,
  moderate,
}: {
  store: ObjectStore
  fetch: GuardedFetch
  limits: PictureLimits
  blocked: BlockList
  /** What needs a moderator's approval. */
  moderate: readonly string[]
}) {
  const queue = openReviewQueue(store)
  const holdForReview = createHoldForReview({ store, blocked, queue, limits })

  return async function indexTiles(input: IndexTilesInput): Promise<IndexedTiles> {
    const signal = cancellationSignal()
    const { library, approved = false } = input
    const isHeld = moderate.includes('tiles') && !approved
    let held = 0

    async function* photosOf(mine: TileSources): AsyncGenerator<PhotoOffer> {
      for (const { source, name, author } of mine) {
        const offer = { name, ...(author && { author }) }
        try {
          const bytes =
            'url' in source
              ? await fetchWithRetries(source.url, signal)
              : await readObject(store, source.object, signal)
          if ((await holdForReview({ library, ...offer, bytes }, isHeld)) === 'in') yield { ...offer, bytes }
          else held++
        } catch (error) {
          // A bad photo is skipped and named; an unavailable store or a bug fails the step.
          if (!isBadPhoto(error)) throw error
          yield { ...offer, error }
        }
      }
    }

    return await withHeartbeat(async (report) => {
      const sources = tileSources.parse(await readList(input.sources, signal))
      const mine = sources.slice(input.start, input.start + input.count)
      const { added, duplicates, skipped, size } = await addTiles({
        store,
        library,
        photos: photosOf(mine),
        limits,
        onProgress: (done) => report(input.start + done, sources.length),
        signal,
      })
      // A job with an inline list has no discard step, so the last batch removes its order.
      const isLast = input.start + input.count >= sources.length
      const job = activityInfo().workflowExecution?.workflowId
      if (Array.isArray(input.sources) && isLast && job !== undefined) await removeOrder(store, job)
      return {
        ...{ added, duplicates, size, skipped: skipped.slice(0, input.nameAtMost).map(shorten) },
        ...(held > 0 && { held }),
      }
    })
  }

  async function readList(sources: IndexTilesInput['sources'], signal: AbortSignal): Promise<unknown> {
    if (Array.isArray(sources)) return sources
    return JSON.parse(Buffer.from(await readObject(store, sources, signal)).toString())
  }

  /** Retries briefly while a server is busy; then the photo is skipped, so that the others do not wait for it. */
  async function fetchWithRetries(url: string, signal: AbortSignal): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await fetch(url, { signal })).bytes
      } catch (error) {
        if (!(error instanceof FetchError) || !error.retryable || attempt === attempts) throw error
        await sleep(Math.min(longestWaitMs, (error.retryAfterSeconds ?? attempt) * 1000), undefined, {
          signal,
        })
      }
    }
  }
}

const isBadPhoto = (error: unknown): error is Error =>
  [FetchError, ObjectNotFound, PictureError, PhotoRefused].some((kind) => error instanceof kind)

const shorten = ({ name, code, message }: IndexedTiles['skipped'][number]) => ({
  name: name.slice(0, longestName),
  code,
  message: message.slice(0, longestMessage),
})
