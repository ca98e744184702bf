/** Rebuilds the gallery from the mosaics' records in the object store, which is the truth. */
import { buffer } from 'node:stream/consumers'
import pLimit from 'p-limit'
import type { GalleryCache, GalleryEntry } from '../adapters/gallery-cache/gallery-cache.ts'
import { GalleryCacheError } from '../adapters/gallery-cache/gallery-cache-error.ts'
import { placeOf } from '../adapters/gallery-cache/order.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { galleryEntry, mosaicRecord } from './mosaic-record.ts'

/** Records read at once: a store's latency is hidden, its connections are not used up. */
const parallelReads = 32

export interface RebuiltGallery {
  /** Mosaics in the gallery now. */
  entries: number
  /** Keys of records that could not be read as such, with the reason. */
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
  /** The public address without a trailing slash, or empty. */
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
      const entry = galleryEntry(mosaicRecord.parse(JSON.parse((await buffer(body)).toString())), site)
      // Whether the gallery can take it: of one that it cannot take, it would take none.
      placeOf(entry)
      return entry
    } catch (error) {
      // Deleted between listing and reading: not a mosaic any more.
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

async function* recordKeys(store: ObjectStore): AsyncGenerator<string[]> {
  let after: string | undefined
  do {
    const { objects, next } = await store.list('small', { prefix: 'mosaic-', ...(after && { after }) })
    yield objects.map((object) => object.key).filter((key) => key.endsWith('.json'))
    after = next
  } while (after)
}
