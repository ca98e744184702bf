/** The site as people reach it: pages and API on a port, real workflows behind. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { build } from 'vite'
import { inject } from 'vitest'
import { rebuildGallery } from '../../activities/rebuild-gallery.ts'
import { createTileLibraries } from '../../activities/tile-libraries.ts'
import {
  addTiles,
  listLibraries,
  listTilesSoFar,
  photoKey,
  readTiles,
} from '../../activities/tile-library/index.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import type { GalleryCache } from '../../adapters/gallery-cache/gallery-cache.ts'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { createLogger } from '../../adapters/logger.ts'
import { createApp } from '../../api/app.ts'
import { createPages } from '../../web/pages.tsx'
import { tilePhoto } from '../workflows/pictures.ts'
import { type Stack, startStack } from '../workflows/stack.ts'

/** Whose every twentieth tile is. */
export const grace = { name: 'Grace H.', handle: 'Grace', url: 'https://photos.example/grace' }

export interface Site {
  url: string
  stack: Stack
  /** While closed, no mosaic gets past the step that keeps its plan, or another one of the test's choice. */
  gate: Gate
  /** Breaks every connection, as a network does. */
  cut(): void
  /** The same site with a gallery cache that knows nothing, as after a flush. */
  flushed(): Promise<Pick<Hono, 'request'>>
  stop(): Promise<void>
}

/** Holds work at a place of one's choice, so that a test sees it in progress without hoping for the right moment. */
export class Gate {
  #opened: Promise<void> = Promise.resolve()
  #open: () => void = () => {}
  #failures = 0
  #at = '/plan.json'

  /** @param at end of the key that nothing is put under */
  close(at = '/plan.json'): void {
    this.#at = at
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  /** The next ones fail as a store does that is away for a moment. */
  fail(times: number): void {
    this.#failures = times
  }

  open(): void {
    this.#open()
  }

  /** As a store does that is cut off: ends at once when the work is called off. */
  async pass(key: string, signal?: AbortSignal): Promise<void> {
    if (!key.endsWith(this.#at)) return
    const calledOff = signal && once(signal, 'abort').then(() => signal.throwIfAborted())
    if (this.#failures-- > 0) throw new Error('the store is away')
    await Promise.race([this.#opened, ...(calledOff ? [calledOff] : [])])
  }
}

/** Bundles the islands as the build does. */
export async function bundle(): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'mosaicme-assets-'))
  await build({ configFile: 'web/vite.config.ts', build: { outDir: directory, emptyOutDir: true } })
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}

export async function startSite({
  tiles = 60,
  galleryPageSize = 3,
  apiKeys = [] as string[],
} = {}): Promise<Site> {
  const gate = new Gate()
  const [assets, stack] = await Promise.all([
    bundle(),
    startStack({
      wrapStore: (store) => {
        const put = store.put.bind(store)
        store.put = async (bucket, key, body, options) => {
          await gate.pass(key, options?.signal)
          return await put(bucket, key, body, options)
        }
        return store
      },
    }),
  ])
  const { store, gallery, client } = stack
  async function* photos() {
    for (let seed = 0; seed < tiles; seed++) {
      const photo = { name: `tile ${seed}`, bytes: await tilePhoto(seed) }
      yield seed % 20 === 0 ? { ...photo, author: grace } : photo
    }
  }
  await addTiles({ store, library: 'small', photos: photos() })

  const environment = loadEnvironment({ API_KEYS: apiKeys.join() })
  const libraries = () => listLibraries({ store })
  const tileLibraries = createTileLibraries({ store, cacheDirectory: join(stack.dataDir, 'cache', 'tiles') })
  const appOver = (cache: GalleryCache) => {
    const pages = createPages({
      cache,
      api: (request) => app.fetch(request),
      assets,
      libraries: async () => (await libraries()).map(({ name }) => name),
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
      listLibraries: libraries,
      listTiles: (library) => listTilesSoFar({ store, library }),
      // The starter library takes seconds to be drawn, and no page shows whether it was.
      openLibrary: (library) =>
        tileLibraries.open(library === 'starter' ? 'small' : library, new AbortController().signal),
      readTiles: (library, ids) => readTiles({ store, library, ids }),
      tilePhoto: (library, tile) => ({ bucket: 'raw', key: photoKey(library, tile) }),
      temporalUiUrl: inject('temporalUiUrl'),
      rebuildGallery: () => rebuildGallery({ store, gallery: cache, site: '' }),
    })
    return app
  }
  const app = appOver(gallery)
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stack,
    gate,
    cut: () => 'closeAllConnections' in server && server.closeAllConnections(),
    flushed: async () => appOver(await openGalleryCache({})),
    async stop() {
      gate.open()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await stack.stop()
      await assets.remove()
    },
  }
}
