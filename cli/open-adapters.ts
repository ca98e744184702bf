/** Opens the adapters that the environment configures. */
import type { Environment } from '../adapters/environment.ts'
import { openGalleryCache } from '../adapters/gallery-cache/open-gallery-cache.ts'
import { guardedFetchFor } from '../adapters/guarded-fetch/guarded-fetch.ts'
import { openObjectStore } from '../adapters/object-store/open-object-store.ts'
import { openSocialNetworks } from '../adapters/social/open-social-networks.ts'
import type { RunningParts } from './running-parts.ts'

export type Adapters = Awaited<ReturnType<typeof openAdapters>>

export async function openAdapters(
  environment: Environment,
  parts: RunningParts,
  site = environment.publicUrl ?? '',
) {
  const [store, gallery] = await Promise.all([
    openObjectStore(environment).then((opened) => {
      parts.add('the object store', 5_000, () => opened.close())
      return opened
    }),
    openGalleryCache(environment).then((opened) => {
      parts.add('the gallery cache', 5_000, () => opened.close())
      return opened
    }),
  ])
  const { limits } = environment
  return {
    store,
    gallery,
    fetch: guardedFetchFor(environment),
    networks: openSocialNetworks(environment, store),
    limits: { bytes: limits.pictureBytes, pixels: limits.pixels, frames: limits.frames },
    site,
    replyText: environment.replyText,
    moderate: environment.moderate,
    inboxFolders: environment.inboxFolders,
    webhookSecret: environment.webhookSecret,
  }
}
