/** Cache: puts a finished mosaic into the gallery. */
import { cancellationSignal } from '@temporalio/activity'
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { galleryEntry, mosaicRecord } from './mosaic-record.ts'
import { readObject } from './objects.ts'

export function createCache({
  store,
  gallery,
  site,
}: {
  store: ObjectStore
  gallery: GalleryCache
  /** The public URL without a trailing slash, or empty. */
  site: string
}) {
  /** Reads the record rather than the workflow's data, so that a rebuild of the gallery shows the same. */
  return async function cache({ jobId }: { jobId: string }): Promise<void> {
    const bytes = await readObject(store, layout.mosaic.record(jobId), cancellationSignal())
    const record = mosaicRecord.parse(JSON.parse(Buffer.from(bytes).toString()))
    await gallery.put(galleryEntry(record, site))
  }
}
