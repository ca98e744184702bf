/** Everything on one machine, in one process and Temporal's: `mosaicme up`. Parts come up in the order they need each other. */
import { join } from 'node:path'
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
import { checkPayloadKeys } from '../adapters/payloads/check-keys.ts'
import { openRateLimits } from '../adapters/rate-limits/open-rate-limits.ts'
import { startTracing } from '../adapters/tracing.ts'
import { createApp } from '../api/app.ts'
import { accountsOf, deletionsOf } from '../api/social/accounts.ts'
import { libraryOf, startCollector, usualCollector } from '../api/social/collectors.ts'
import { startDeletions } from '../api/social/deletions.ts'
import { startListener } from '../api/social/listeners.ts'
import { createPages } from '../web/pages.tsx'
import { createWorkers } from '../workers/index.ts'
import { createTemporalClient } from '../workers/temporal-client.ts'
import type { TaskQueue } from '../workflows/contract/task-queues.ts'
import { rebuildOnce } from './gallery-rebuild.ts'
import type { Ground } from './ground.ts'
import { openAdapters } from './open-adapters.ts'
import { packageRoot } from './package-root.ts'
import { Refusal } from './refusal.ts'
import { readPresets } from './resize-presets.ts'
import type { RunningParts } from './running-parts.ts'
import { expiryOf, keepExpirySchedule, keepLedgerSchedule } from './schedules.ts'
import { connectToTemporal } from './temporal-connection.ts'
import { installTemporalRuntime } from './temporal-runtime.ts'

export interface WholeHouse {
  /** As others reach it. */
  url: string
  /** As this machine reaches it. */
  localUrl: string
  temporal: { address: string; uiUrl?: string }
  store: string
  gallery: string
  /** Who listens where, a line each. */
  listening: string[]
  /** Rejects with a sentence as soon as a part dies; never resolves. */
  died: Promise<never>
}

export interface WholeHouseOptions {
  ground: Ground
  environment: Environment
  logger: Logger
  /** Served in this process. Empty: workers of their own serve them all. */
  queues: readonly TaskQueue[]
  /** Everything that was started is added here, also when the start fails half-way. */
  parts: RunningParts
  /** ms that running steps get to come to their end. */
  drainGrace: number
  signal: AbortSignal
}

export async function startWholeHouse({
  ground,
  environment,
  logger,
  queues,
  parts,
  drainGrace,
  signal,
}: WholeHouseOptions): Promise<WholeHouse> {
  const { dataDir, temporal: temporalWanted, payloadKeys } = environment
  const { http } = ground
  const deaths = new Deaths()

  const adapters = await openAdapters(environment, parts)
  const { store, gallery } = adapters
  await checkPayloadKeys(store, payloadKeys)

  let address = temporalWanted.address
  let uiUrl = environment.temporalUiUrl ?? cloudUi(address)
  if (ground.temporal) {
    const server = await ground.temporal
    deaths.watch(server.exited, server.epitaph)
    address = server.address
    uiUrl ??= server.uiUrl
  }
  if (!address) throw new Error('expected the environment to name a Temporal server that is not managed')
  signal.throwIfAborted()

  const tracing = await startTracing(environment)
  if (tracing) parts.add('the traces', 6_000, () => tracing.stop())
  installTemporalRuntime(environment, logger.child({ name: 'temporal' }))
  const connection = await connectToTemporal({ ...temporalWanted, address })
  parts.add('the connection to Temporal', 5_000, () => connection.close())
  const { namespace } = temporalWanted

  if (queues.length > 0) {
    const workers = await createWorkers({
      connection,
      namespace,
      payloadKeys,
      queues,
      adapters,
      dataDir,
      version: temporalWanted.workerVersion,
      tracing,
      graceMs: drainGrace,
    })
    const working = workers.run()
    deaths.watch(working, 'The workers ended')
    parts.add('the workers', drainGrace + 7_000, async () => {
      workers.shutdown()
      await working.catch(() => {}) // Told as a death already.
    })
  }

  const rebuild = rebuildOnce(adapters)
  const libraries = () => listLibraries({ store })
  const tileLibraries = createTileLibraries({ store, cacheDirectory: join(dataDir, 'cache', 'tiles') })
  const pages = createPages({
    cache: gallery,
    api: (request) => app.fetch(request),
    assets: { directory: join(packageRoot, 'dist', 'web', 'assets') },
    // The starter library is there for everybody, drawn or not yet.
    libraries: async () => [...new Set([starterLibrary, ...(await libraries()).map(({ name }) => name)])],
    maxPictureBytes: environment.limits.pictureBytes,
    holdsPhotos: environment.moderate.includes('tiles'),
    onError: (error) => logger.error({ err: error }, 'a page broke'),
    ...(environment.publicUrl && { publicUrl: environment.publicUrl }),
    ...(environment.s3?.endpoint && { pictureOrigins: [new URL(environment.s3.endpoint).origin] }),
  })
  const client = await createTemporalClient({ connection, namespace, payloadKeys, tracing })
  const presets = readPresets(environment.resizePresets)
  await Promise.all([keepExpirySchedule(client, expiryOf(environment, presets)), keepLedgerSchedule(client)])
  const rates = await openRateLimits(environment)
  parts.add('the rate limits', 1_000, () => rates.close())
  const app = createApp({
    ...{ client, rates },
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
    rebuildGallery: rebuild,
    ...(uiUrl && { temporalUiUrl: uiUrl }),
  })
  http.answerWith(app.fetch)
  // Added last, so that it is the first to end: no new jobs while the workers drain.
  parts.add('the API', 4_000, () => http.stop(2_000))

  const listening = environment.listenMode === 'off' ? [] : accountsOf(environment)
  for (const account of listening) {
    await startListener(client, account)
    await startDeletions(client, deletionsOf(environment, account.network))
    for (const hashtag of environment.collectHashtags)
      await startCollector(client, {
        ...usualCollector,
        ...{ network: account.network, hashtags: [hashtag.toLowerCase()], library: libraryOf(hashtag) },
      })
  }

  if (!(await gallery.isWarm())) {
    rebuild().catch((error) => logger.warn({ err: error }, 'the gallery could not be rebuilt yet'))
  }
  return {
    url: environment.publicUrl ?? http.url,
    localUrl: http.url,
    temporal: { address, ...(uiUrl && { uiUrl }) },
    store: store.description,
    gallery: gallery.description,
    listening: listening.map(
      ({ network, account, listener }) =>
        `@${account} on ${network} for #${listener.hashtag} (${listener.mode})`,
    ),
    died: deaths.first,
  }
}

const signedAddresses = ({ key, salt, sources }: NonNullable<Environment['img']>, fetch: GuardedFetch) => ({
  key: { key: Buffer.from(key, 'hex'), salt: Buffer.from(salt, 'hex') },
  sources,
  fetch,
})

/** The first part to end that was not asked to. */
class Deaths {
  readonly first: Promise<never>
  #report!: (error: Error) => void

  constructor() {
    this.first = new Promise((_, reject) => {
      this.#report = reject
    })
    // Heard by whoever waits for it; until then a death is no unhandled rejection.
    this.first.catch(() => {})
  }

  watch(ending: Promise<unknown>, sentence: string): void {
    ending.then(
      () => this.#report(new Refusal('part_died', `${sentence}.`)),
      (error: Error) =>
        this.#report(new Refusal('part_died', `${sentence}: ${error.message}.`, { cause: error })),
    )
  }
}

/** Of the servers that we did not start, only Temporal Cloud says by its address where its pages are. */
function cloudUi(address: string | undefined): string | undefined {
  return address && /\.(tmprl\.cloud|api\.temporal\.io):\d+$/.test(address)
    ? 'https://cloud.temporal.io'
    : undefined
}
