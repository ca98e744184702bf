/** Rebuilds the gallery from the mosaics' records in the object store, which is the source of truth. */
import { buffer } from 'node:stream/consumers'
import pLimit from 'p-limit'
import type { GalleryCache, GalleryEntry } from '../adapters/gallery-cache/gallery-cache.ts'
import { GalleryCacheError } from '../adapters/gallery-cache/gallery-cache-error.ts'
import { placeOf } from '../adapters/gallery-cache/order.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { pagesUnder } from '../adapters/object-store/objects-under.ts'
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
    for await (const objects of pagesUnder(store, { bucket: 'small', key: 'mosaic-' })) {
      const keys = objects.map(({ key }) => key).filter((key) => key.endsWith('.json'))
      const page = await Promise.all(keys.map((key) => limit(() => readEntry(key))))
      read += keys.length
      onProgress?.(read)
      yield* page.filter((entry) => entry !== undefined)
    }
  }

  async function readEntry(key: string): Promise<GalleryEntry | undefined> {
    try {
      const { body } = await store.get('small', key)
      const entry = galleryEntry(mosaicRecord.parse(JSON.parse((await buffer(body)).toString())), site)
      // Whether the gallery can take it: of one that it cannot take, it would take none.
      placeOf(entry)
      return entry
    } catch (error) {
      // Deleted between listing and reading.
      if (error instanceof ObjectNotFound) return undefined
      // A store that fails must fail the rebuild; a record that is damaged must not hide all the others.
      const isDamaged =
        error instanceof SyntaxError ||
        error instanceof GalleryCacheError ||
        (error as Error).name === 'ZodError'
      if (!isDamaged) throw error
      unreadable.push({ key, reason: (error as Error).message })
      return undefined
    }
  }

  return { entries: await gallery.replaceAll(entries()), unreadable }
}
