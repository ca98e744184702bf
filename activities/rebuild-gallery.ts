/** Rebuilds the gallery from the mosaics' records in the object store, which is the source of truth. */
import { buffer } from 'node:stream/consumers'
import pLimit from 'p-limit'
import type { GalleryCache, GalleryEntry } from '../adapters/gallery-cache/gallery-cache.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { galleryEntry, mosaicRecord } from './mosaic-record.ts'

/** Concurrent reads: enough to hide the store's latency, few enough to leave connections free. */
const parallelReads = 32

export interface RebuiltGallery {
  /** Mosaics in the gallery now. */
  entries: number
  /** Keys of unreadable records, with the reason. */
  unreadable: { key: string; reason: string }[]
}

export async function rebuildGallery({
  store,
  gallery,
  site,
  onProgress,
}: {
  store: ObjectStore
  gallery: GalleryCache
  /** The public URL without a trailing slash, or empty. */
  site: string
  onProgress?: (read: number) => void
}): Promise<RebuiltGallery> {
  const unreadable: RebuiltGallery['unreadable'] = []
  let read = 0

  async function* entries(): AsyncGenerator<GalleryEntry> {
    const limit = pLimit(parallelReads)
    for await (const keys of recordKeys(store)) {
      const page = await Promise.all(keys.map((key) => limit(() => readEntry(key))))
      read += keys.length
      onProgress?.(read)
      yield* page.filter((entry) => entry !== undefined)
    }
  }

  async function readEntry(key: string): Promise<GalleryEntry | undefined> {
    try {
      const { body } = await store.get('small', key)
      return galleryEntry(mosaicRecord.parse(JSON.parse((await buffer(body)).toString())), site)
    } catch (error) {
      // Deleted between listing and reading.
      if (error instanceof ObjectNotFound) return undefined
      // A failing store must fail the rebuild; a damaged record must not hide all the others.
      if (!(error instanceof SyntaxError) && (error as Error).name !== 'ZodError') throw error
      unreadable.push({ key, reason: (error as Error).message })
      return undefined
    }
  }

  return { entries: await gallery.replaceAll(entries()), unreadable }
}

async function* recordKeys(store: ObjectStore): AsyncGenerator<string[]> {
  let after: string | undefined
  do {
    const { objects, next } = await store.list('small', { prefix: 'mosaic-', ...(after && { after }) })
    yield objects.map((object) => object.key).filter((key) => key.endsWith('.json'))
    after = next
  } while (after)
}
