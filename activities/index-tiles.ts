/** Index tiles: makes photos into tiles of a library, skipping by name what cannot be one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { cancellationSignal } from '@temporalio/activity'
import { z } from 'zod'
import { FetchError, type GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import type { PictureLimits } from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'
import { addTiles, type PhotoOffer } from './tile-library/index.ts'

export interface IndexTilesInput {
  library: string
  /** A JSON list of {@link tileSources}. */
  sources: ObjectRef
  /** The part of the list that is this step's: from `start`, at most `count` of them. */
  start: number
  count: number
  /** How many skipped photos may be named: names add up in a history. */
  nameAtMost: number
}

export interface IndexedTiles {
  added: number
  duplicates: number
  skipped: { name: string; code: string; message: string }[]
  /** How many tiles the library holds now. */
  size: number
}

const objectRef = z.object({ bucket: z.enum(['in', 'raw', 'large', 'small']), key: z.string() })
const tileSources = z.array(
  z.object({
    source: z.union([z.object({ object: objectRef }), z.object({ url: z.string() })]),
    name: z.string(),
    author: z
      .object({
        name: z.string().optional(),
        handle: z.string().optional(),
        url: z.string().optional(),
      })
      .optional(),
  }),
)

type TileSources = z.infer<typeof tileSources>

/** Characters. What goes back through Temporal stays small, however long an address is. */
const longestName = 120
const longestMessage = 200

/** Tries for an address that fails for the moment, and the longest wait between them, ms. */
const tries = 3
const longestWaitMs = 5_000

export function createIndexTiles({
  store,
  fetch,
  limits,
}: {
  store: ObjectStore
  fetch: GuardedFetch
  limits: PictureLimits
}) {
  return async function indexTiles(input: IndexTilesInput): Promise<IndexedTiles> {
    const signal = cancellationSignal()

    async function* photosOf(mine: TileSources): AsyncGenerator<PhotoOffer> {
      for (const { source, name, author } of mine) {
        const offer = { name, ...(author && { author }) }
        try {
          const bytes =
            'url' in source
              ? await fetchPatiently(source.url, signal)
              : await readObject(store, source.object, signal)
          yield { ...offer, bytes }
        } catch (error) {
          // What is wrong with the photo skips it by name; a store that is down, or a defect, is not the photo's fault.
          if (!(error instanceof FetchError || error instanceof ObjectNotFound)) throw error
          yield { ...offer, error }
        }
      }
    }

    return await withHeartbeat(async (report) => {
      const list = await readObject(store, input.sources, signal)
      const sources = tileSources.parse(JSON.parse(Buffer.from(list).toString()))
      const mine = sources.slice(input.start, input.start + input.count)
      const { added, duplicates, skipped, size } = await addTiles({
        store,
        library: input.library,
        photos: photosOf(mine),
        limits,
        onProgress: (done) => report(input.start + done, sources.length),
        signal,
      })
      return { added, duplicates, skipped: skipped.slice(0, input.nameAtMost).map(shorten), size }
    })
  }

  /** A server that is busy gets a moment; then its photo is skipped, and the rest is not kept waiting. */
  async function fetchPatiently(url: string, signal: AbortSignal): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await fetch(url, { signal })).bytes
      } catch (error) {
        if (!(error instanceof FetchError) || !error.retryable || attempt === tries) throw error
        await sleep(Math.min(longestWaitMs, (error.retryAfterSeconds ?? attempt) * 1000), undefined, {
          signal,
        })
      }
    }
  }
}

const shorten = ({ name, code, message }: IndexedTiles['skipped'][number]) => ({
  name: name.slice(0, longestName),
  code,
  message: message.slice(0, longestMessage),
})
