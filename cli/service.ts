import type { Environment } from '../adapters/environment.ts'
import type { Logger } from '../adapters/logger.ts'
import { checkPayloadKeys } from '../adapters/payloads/check-keys.ts'
import { openRateLimits } from '../adapters/rate-limits/open-rate-limits.ts'
import { startTracing } from '../adapters/tracing.ts'
import { createTemporalClient } from '../workers/temporal-client.ts'
import type { TaskQueue } from '../workflows/contract/task-queues.ts'
import { rebuildOnce } from './gallery-rebuild.ts'
import { createHttpApp } from './http-app.ts'
import type { LocalResources } from './local-resources.ts'
import { openAdapters } from './open-adapters.ts'
import { readPresets } from './resize-presets.ts'
import type { RunningParts } from './running-parts.ts'
import { expiryOf, keepExpirySchedule, keepLedgerSchedule } from './schedules.ts'
import { startListening } from './social-listening.ts'
import { startWorkers } from './start-workers.ts'
import { connectToTemporal } from './temporal/connection.ts'
import { installTemporalRuntime } from './temporal/runtime.ts'
import { UnexpectedEnd } from './unexpected-end.ts'

export interface Service {
  /** The URL for others. */
  url: string
  /** The URL from this machine. */
  localUrl: string
  temporal: { address: string; uiUrl?: string }
  store: string
  gallery: string
  /** The listeners, a line each. */
  listening: string[]
  /** Rejects as soon as a part ends unexpectedly; never resolves. */
  ended: Promise<never>
}

export interface ServiceOptions {
  local: LocalResources
  environment: Environment
  logger: Logger
  /** Queues served in this process. Empty: separate workers serve all of them. */
  queues: readonly TaskQueue[]
  /** Collects everything that was started, even if starting fails half-way. */
  parts: RunningParts
  /** Time for running steps to finish, ms. */
  drainGrace: number
  say: (line: string) => void
  signal: AbortSignal
}

export async function startService({
  local,
  environment,
  logger,
  queues,
  parts,
  drainGrace,
  say,
  signal,
}: ServiceOptions): Promise<Service> {
  const { temporal: temporalWanted, payloadKeys } = environment
  const { http } = local
  const unexpected = new UnexpectedEnd()

  const adapters = await openAdapters(environment, parts)
  const { store, gallery } = adapters
  await checkPayloadKeys(store, payloadKeys)

  let address = temporalWanted.address
  let uiUrl = environment.temporalUiUrl ?? cloudUi(address)
  if (local.temporal) {
    const server = await local.temporal
    unexpected.watch(server.exited, server.endMessage)
    address = server.address
    uiUrl ??= server.uiUrl
  }
  if (!address) throw new Error('expected TEMPORAL_ADDRESS, because no Temporal server was started')
  signal.throwIfAborted()

  const tracing = await startTracing(environment)
  if (tracing) parts.add('the traces', 6_000, () => tracing.stop())
  installTemporalRuntime(environment, logger.child({ name: 'temporal' }))
  const connection = await connectToTemporal({ ...temporalWanted, address }, { say, signal })
  parts.add('the connection to Temporal', 5_000, () => connection.close())
  const { namespace } = temporalWanted

  if (queues.length > 0) {
    const { working } = await startWorkers({
      ...{ environment, connection, queues, adapters, tracing, parts, drainGrace },
    })
    unexpected.watch(working, 'The workers ended')
  }

  const client = await createTemporalClient({ connection, namespace, payloadKeys, tracing })
  const presets = readPresets(environment.resizePresets)
  await Promise.all([keepExpirySchedule(client, expiryOf(environment, presets)), keepLedgerSchedule(client)])
  const rates = await openRateLimits(environment)
  parts.add('the rate limits', 1_000, () => rates.close())
  const rebuildGallery = rebuildOnce(adapters)
  const app = createHttpApp({
    ...{ environment, logger, adapters, client, presets, rates, rebuildGallery },
    resizesHere: queues.includes('resize'),
    ...(uiUrl && { temporalUiUrl: uiUrl }),
  })
  http.answerWith(app.fetch)
  // Added last, so that it stops first: no new jobs while the workers drain.
  parts.add('the API', 4_000, () => http.stop(2_000))

  const listening = await startListening(client, environment)
  if (!(await gallery.isWarm())) {
    rebuildGallery().catch((error) => logger.warn({ err: error }, 'the gallery could not be rebuilt yet'))
  }
  return {
    url: environment.publicUrl ?? http.url,
    localUrl: http.url,
    temporal: { address, ...(uiUrl && { uiUrl }) },
    store: store.description,
    gallery: gallery.description,
    listening,
    ended: unexpected.happened,
  }
}

/** The Web UI of servers not started by us is only known for Temporal Cloud, by its address. */
function cloudUi(address: string | undefined): string | undefined {
  return address && /\.(tmprl\.cloud|api\.temporal\.io):\d+$/.test(address)
    ? 'https://cloud.temporal.io'
    : undefined
}
