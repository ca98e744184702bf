/** The API and the pages as `mosaicme up` serves them, with their dependencies. */
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import { createTileLibraries } from '../activities/tile-libraries.ts'
import {
  listLibraries,
  listTilesSoFar,
  photoKey,
  readTiles,
  starterLibrary,
} from '../activities/tile-library/index.ts'
import type { Environment } from '../adapters/environment.ts'
import type { GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
import type { Logger } from '../adapters/logger.ts'
import type { RateLimits } from '../adapters/rate-limits/rate-limits.ts'
import { type ApiDependencies, createApp } from '../api/app.ts'
import { createPages } from '../web/pages.tsx'
import type { Adapters } from './open-adapters.ts'
import { packageRoot } from './package-root.ts'

export interface HttpAppOptions {
  environment: Environment
  logger: Logger
  adapters: Adapters
  client: Client
  presets: NonNullable<ApiDependencies['presets']>
  rates: RateLimits
  rebuildGallery: () => Promise<unknown>
  /** Whether this process also runs resizes. */
  resizesHere: boolean
  temporalUiUrl?: string
}

export function createHttpApp(options: HttpAppOptions) {
  const {
    environment,
    logger,
    adapters,
    client,
    presets,
    rates,
    rebuildGallery,
    resizesHere,
    temporalUiUrl,
  } = options
  const { store, gallery } = adapters
  const { dataDir } = environment
  const libraries = () => listLibraries({ store })
  const tileLibraries = createTileLibraries({ store, cacheDirectory: join(dataDir, 'cache', 'tiles') })
  const pages = createPages({
    cache: gallery,
    api: (request) => app.fetch(request),
    assets: { directory: join(packageRoot, 'dist', 'web', 'assets') },
    // The starter library always exists, whether or not it has been drawn.
    libraries: async () => [...new Set([starterLibrary, ...(await libraries()).map(({ name }) => name)])],
    maxPictureBytes: environment.limits.pictureBytes,
    holdsPhotos: environment.moderate.includes('tiles'),
    onError: (error) => logger.error({ err: error }, 'a page failed'),
    ...(environment.publicUrl && { publicUrl: environment.publicUrl }),
    ...(environment.s3?.endpoint && { pictureOrigins: [new URL(environment.s3.endpoint).origin] }),
  })
  const app = createApp({
    ...{ client, rates, resizesHere },
    store,
    cache: gallery,
    environment,
    logger: logger.child({ name: 'api' }),
    pages,
    presets,
    ...(environment.img && { img: signedAddresses(environment.img, adapters.fetch) }),
    listLibraries: libraries,
    openLibrary: (library) => tileLibraries.open(library, new AbortController().signal),
    listTiles: (library) => listTilesSoFar({ store, library }),
    readTiles: (library, ids) => readTiles({ store, library, ids }),
    tilePhoto: (library, tile) => ({ bucket: 'raw', key: photoKey(library, tile) }),
    rebuildGallery,
    ...(temporalUiUrl && { temporalUiUrl }),
  })
  return app
}

const signedAddresses = ({ key, salt, sources }: NonNullable<Environment['img']>, fetch: GuardedFetch) => ({
  key: { key: Buffer.from(key, 'hex'), salt: Buffer.from(salt, 'hex') },
  sources,
  fetch,
})
