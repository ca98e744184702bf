/** The site as people reach it: pages and API on a port, real workflows behind. */
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
  /** What hangs here. */
  gallery: GalleryCache
  /** While closed, no mosaic gets past the step that keeps its plan, or another one of the test's choice. */
  gate: Gate
  /** Breaks every connection, as a network does. */
  cut(): void
  /** The same site with a gallery cache that knows nothing, as after a flush. */
  flushed(): Promise<Pick<Hono, 'request'>>
  close(): Promise<void>
}

export interface SiteOptions {
  galleryPageSize?: number
  apiKeys?: string[]
  /** Nothing hangs here but what the test hangs. Default: what workers make hangs as well. */
  ownGallery?: boolean
}

/** As many as need be over one service: each test file has its own. */
export async function openSite(service: Service, options: SiteOptions = {}): Promise<Site> {
  const { galleryPageSize = 3, apiKeys = [], ownGallery = false } = options
  const { stack, gate, assets, libraries } = service
  const { store, client } = stack
  const gallery = ownGallery ? await openGalleryCache({}) : stack.gallery
  // Warm, or the first visit would fill it from the store, where other files' mosaics are, and none that a test hangs.
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
      // The starter library takes seconds to be drawn, and no page shows whether it was.
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
      // A test that failed may have left it closed.
      gate.open()
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
