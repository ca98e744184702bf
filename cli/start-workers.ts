import type { NativeConnection } from '@temporalio/worker'
import type { Environment } from '../adapters/environment.ts'
import type { Tracing } from '../adapters/tracing.ts'
import { createWorkers } from '../workers/index.ts'
import type { TaskQueue } from '../workflows/contract/task-queues.ts'
import type { Adapters } from './open-adapters.ts'
import type { RunningParts } from './running-parts.ts'

export interface StartWorkersOptions {
  environment: Environment
  connection: NativeConnection
  queues: readonly TaskQueue[]
  adapters: Adapters
  tracing: Tracing | undefined
  parts: RunningParts
  /** Time for running steps to finish, ms. */
  drainGrace: number
}

/** Starts this process's workers as one of its parts. @returns `working`: settles when they end, intentionally or not */
export async function startWorkers(options: StartWorkersOptions): Promise<{ working: Promise<void> }> {
  const { environment, connection, queues, adapters, tracing, parts, drainGrace } = options
  const { dataDir, payloadKeys, temporal } = environment
  const workers = await createWorkers({
    ...{ connection, queues, adapters, dataDir, payloadKeys, tracing },
    namespace: temporal.namespace,
    version: temporal.workerVersion,
    graceMs: drainGrace,
  })
  const working = workers.run()
  parts.add('the workers', drainGrace + 7_000, async () => {
    workers.shutdown()
    await working.catch(() => {}) // The caller handles the failure.
  })
  return { working }
}
