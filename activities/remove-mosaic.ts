/** Removes a mosaic, its record first: without a record there is no mosaic, whatever else still exists. */
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'

/** A repeat is a no-op. */
export async function removeMosaic(
  { store, gallery }: { store: ObjectStore; gallery: GalleryCache },
  jobId: string,
): Promise<void> {
  const record = layout.mosaic.record(jobId)
  await store.delete(record.bucket, record.key)
  await gallery.remove(jobId)
  await deleteAll(store, layout.work.prefix(jobId), ...layout.results(jobId))
}
