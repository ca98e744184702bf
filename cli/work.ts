/** A run of `mosaicme worker`. */
import { loadEnvironment } from '../adapters/environment.ts'
import { createLogger, secretsOf } from '../adapters/logger.ts'
import { checkPayloadKeys } from '../adapters/payloads/check-keys.ts'
import { startTracing } from '../adapters/tracing.ts'
import type { TaskQueue } from '../workflows/contract/task-queues.ts'
import { growHeap } from './grow-heap.ts'
import { openAdapters } from './open-adapters.ts'
import { Refusal } from './refusal.ts'
import { RunningParts } from './running-parts.ts'
import { startWorkers } from './start-workers.ts'
import { awaitStopRequest } from './stop-request.ts'
import { connectToTemporal } from './temporal/connection.ts'
import { installTemporalRuntime } from './temporal/runtime.ts'

/** Time for running steps to finish when we stop, ms: below the 30 s that Kubernetes gives a pod. */
export const drainGrace = 20_000

/** Runs until it is stopped. @throws {Refusal} `temporal_address_missing`, `part_died`; {PayloadError} */
export async function work(queues: readonly TaskQueue[]): Promise<void> {
  growHeap()
  const environment = loadEnvironment()
  const { payloadKeys } = environment
  const { address, managed, namespace } = environment.temporal
  if (managed || !address) {
    throw new Refusal(
      'temporal_address_missing',
      'TEMPORAL_ADDRESS is not set: it names the Temporal server that this worker serves. ' +
        'To run everything on this machine: mosaicme up.',
    )
  }
  const logger = createLogger({
    level: environment.logLevel,
    name: 'worker',
    secrets: secretsOf(environment),
  })
  const parts = new RunningParts()
  const stop = awaitStopRequest(() => process.exit(130))
  try {
    const adapters = await openAdapters(environment, parts)
    await checkPayloadKeys(adapters.store, payloadKeys)
    const tracing = await startTracing(environment)
    if (tracing) parts.add('the traces', 6_000, () => tracing.stop())
    installTemporalRuntime(environment, logger)
    const connection = await connectToTemporal(
      { ...environment.temporal, address },
      { say: (line) => logger.info(line), signal: stop.signal },
    )
    parts.add('the connection to Temporal', 5_000, () => connection.close())
    const { working } = await startWorkers({
      ...{ environment, connection, queues, adapters, tracing, parts, drainGrace },
    })
    logger.info({ queues, temporal: address, namespace, store: adapters.store.description }, 'working')
    await Promise.race([stop.requested, working])
    if (!stop.signal.aborted) throw new Refusal('part_died', 'The workers ended unexpectedly.')
    logger.info('stopping: no new work is accepted, running steps may finish')
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    for (const problem of await parts.stop()) logger.warn({ err: problem }, 'did not stop cleanly')
    stop.dispose()
  }
}
