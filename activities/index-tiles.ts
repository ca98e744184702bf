/** Index tiles: makes photos into tiles of a library, skipping by name what cannot be one. */
import { cancellationSignal } from '@temporalio/activity'
import { z } from 'zod'
import type { GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
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

/** Names of skipped photos that go back through Temporal: its payloads stay small. */
const namedAtMost = 100

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
    const list = tileSources.parse(
      JSON.parse(Buffer.from(await readObject(store, input.sources, signal)).toString()),
    )
    const mine = list.slice(input.start, input.start + input.count)

    async function* photos(): AsyncGenerator<PhotoOffer> {
      for (const { source, name, author } of mine) {
        const offer = { name, ...(author && { author }) }
        try {
          const bytes =
            'url' in source
              ? (await fetch(source.url, { signal })).bytes
              : await readObject(store, source.object, signal)
          yield { ...offer, bytes }
        } catch (error) {
          signal.throwIfAborted()
          // A photo that is gone is skipped by name; a store that is down is not the photo's fault.
          if ('object' in source && !(error instanceof ObjectNotFound)) throw error
          yield { ...offer, error: error as Error }
        }
      }
    }

    return await withHeartbeat(async (report) => {
      const { added, duplicates, skipped, size } = await addTiles({
        store,
        library: input.library,
        photos: photos(),
        limits,
        onProgress: (done) => report(done, mine.length),
        signal,
      })
      return { added, duplicates, skipped: skipped.slice(0, namedAtMost), size }
    })
  }
}
