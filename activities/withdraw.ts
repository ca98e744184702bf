/** Withdraw: removes everything that a cancelled job has stored. A published mosaic stays. */
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import { openReviewQueue } from '../adapters/moderation/review-queue.ts'
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { removeOrder } from '../adapters/orders.ts'

export function createWithdraw({ store, gallery }: { store: ObjectStore; gallery: GalleryCache }) {
  return async function withdraw({ jobId }: { jobId: string }): Promise<void> {
    await openReviewQueue(store).remove(jobId)
    await removeOrder(store, jobId)
    await deleteAll(store, layout.work.prefix(jobId))
    const { bucket, key } = layout.mosaic.record(jobId)
    if (await store.head(bucket, key)) return
    await deleteAll(store, ...layout.results(jobId))
    await gallery.remove(jobId)
  }
}
