/** The site on a port: pages and API, with real workflows behind. */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { inject } from 'vitest'
import { rebuildGallery } from '../../activities/rebuild-gallery.ts'
import { listLibraries, listTilesSoFar, photoKey, readTiles } from '../../activities/tile-library/index.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import type { GalleryCache } from '../../adapters/gallery-cache/gallery-cache.ts'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { createLogger } from '../../adapters/logger.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { createApp } from '../../api/app.ts'
import { createPages } from '../../web/pages.tsx'
import type { Stack } from '../workflows/stack.ts'
import type { Gate } from './gate.ts'
import type { Service } from './service.ts'

export interface Site {
  url: string
  stack: Stack
  store: ObjectStore
  /** Adds mosaics to the gallery. */
  gallery: GalleryCache
  /** While closed, no mosaic gets past the step that stores its plan, or another chosen one. */
  gate: Gate
  /** Breaks all connections, like a network failure. */
  cut(): void
  /** The same site with an empty gallery cache, as after a flush. */
  flushed(): Promise<Pick<Hono, 'request'>>
  close(): Promise<void>
}

export interface SiteOptions {
  galleryPageSize?: number
  apiKeys?: string[]
  /** Show only mosaics added by the test. Default: also those made by workers. */
  ownGallery?: boolean
}

/** Sites on one service: each test file has its own. */
export async function openSite(service: Service, options: SiteOptions = {}): Promise<Site> {
  const { galleryPageSize = 3, apiKeys = [], ownGallery = false } = options
  const { stack, gate, assets, libraries } = service
  const { store, client } = stack
  const gallery = ownGallery ? await openGalleryCache({}) : stack.gallery
  // Filled, or the first visit would fill it from the store with other files' mosaics and without those added here.
  if (ownGallery) await gallery.replaceAll([])

  const environment = loadEnvironment({ API_KEYS: apiKeys.join() })
  const listed = () => listLibraries({ store })
  const appOver = (cache: GalleryCache) => {
    const pages = createPages({
      cache,
      api: (request) => app.fetch(request),
      assets: { directory: assets },
      libraries: async () => (await listed()).map(({ name }) => name),
      maxPictureBytes: environment.limits.pictureBytes,
      galleryPageSize,
    })
    const app = createApp({
      client,
      store,
      cache,
      environment,
      logger: createLogger({ level: 'fatal' }),
      pages,
      listLibraries: listed,
      listTiles: (library) => listTilesSoFar({ store, library }),
      // Drawing the starter library takes seconds and is not visible on any page.
      openLibrary: (library) =>
        libraries.open(library === 'starter' ? 'small' : library, new AbortController().signal),
      readTiles: (library, ids) => readTiles({ store, library, ids }),
      tilePhoto: (library, tile) => ({ bucket: 'raw', key: photoKey(library, tile) }),
      temporalUiUrl: inject('temporalUiUrl'),
      rebuildGallery: () => rebuildGallery({ store, gallery: cache, site: '' }),
    })
    return app
  }
  const server = serve({ fetch: appOver(gallery).fetch, hostname: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.once('listening', resolve))
  const cut = () => 'closeAllConnections' in server && server.closeAllConnections()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ stack, store, gallery, gate, cut },
    flushed: async () => appOver(await openGalleryCache({})),
    async close() {
      // A failed test may have left it closed.
      gate.open()
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
