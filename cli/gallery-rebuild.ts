import { type RebuiltGallery, rebuildGallery } from '../activities/rebuild-gallery.ts'
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'

/** Rebuilds the gallery from the store; concurrent callers wait for the same rebuild. */
export function rebuildOnce(options: {
  store: ObjectStore
  gallery: GalleryCache
  site: string
}): () => Promise<RebuiltGallery> {
  let underWay: Promise<RebuiltGallery> | undefined
  return () => {
    underWay ??= rebuildGallery(options).finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
