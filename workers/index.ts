/** Workers: one per task queue that this process serves. */
import { join } from 'node:path'
import type { WorkerDeploymentVersion } from '@temporalio/common'
import { type NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker'
import { type ActivityAdapters, createActivities } from '../activities/index.ts'
import { openScratch } from '../activities/scratch.ts'
import { createTileLibraries } from '../activities/tile-libraries.ts'
import type { PayloadKey } from '../adapters/environment.ts'
import { createDataConverter } from '../adapters/payloads.ts'
import type { Tracing } from '../adapters/tracing.ts'
import type { TaskQueue } from '../workflows/contract/task-queues.ts'
import { createEndedJobs } from './ended-jobs.ts'
import { traced } from './interceptors/tracing.ts'
import { TypedFailures } from './interceptors/typed-failures.ts'
import { createLastingJobs } from './lasting-jobs.ts'
import { createMosaicStarter } from './mosaic-starter.ts'
import { queueServices } from './queues.ts'
import { createTemporalClient } from './temporal-client.ts'
import { workflowCode } from './workflow-code.ts'

export interface WorkersOptions {
  /** Shared with the client that starts jobs, so that a resize starts eagerly, without a round trip. */
  connection: NativeConnection
  namespace: string
  /** Payloads are encrypted with the first key and decrypted with any of them. Default: no encryption. */
  payloadKeys?: readonly PayloadKey[]
  queues: readonly TaskQueue[]
  adapters: Omit<
    ActivityAdapters,
    'scratch' | 'libraries' | 'mosaics' | 'endedJobs' | 'lastingJobs' | 'stopping'
  >
  /** Local disk of this process: scratch space and caches. */
  dataDir: string
  /** Which build of the workers this is, for Temporal's worker versioning. Absent: no versioning. */
  version?: WorkerDeploymentVersion | undefined
  /** How long running steps may continue after {@link Workers.shutdown}, ms. Default 20 s. */
  graceMs?: number
  /** Rate limit of replies to posts, across all workers: networks ban accounts that post in bursts. Default 0.5. */
  answersPerSecond?: number
  /** If present, workflows and steps send traces. */
  tracing?: Tracing | undefined
  /** Default: the bundle from the build; without one, the sources are bundled, which takes seconds. */
  workflows?: WorkflowBundleOption | undefined
}

export interface Workers {
  /** Resolves when every worker has stopped; rejects when one of them died. */
  run(): Promise<void>
  /** Accepts no more work and lets running steps finish, for at most `graceMs`. */
  shutdown(): void
}

export async function createWorkers(options: WorkersOptions): Promise<Workers> {
  const { connection, namespace, queues, dataDir, version, tracing } = options
  const { graceMs = 20_000, answersPerSecond = 0.5, payloadKeys = [] } = options
  const dataConverter = createDataConverter(payloadKeys)
  const client = await createTemporalClient({ connection, namespace, payloadKeys, tracing })
  const stopping = new AbortController()
  const adapters = {
    ...options.adapters,
    mosaics: createMosaicStarter({ client, store: options.adapters.store }),
    endedJobs: createEndedJobs(client),
    lastingJobs: createLastingJobs(client),
    stopping: stopping.signal,
    scratch: await openScratch(join(dataDir, 'scratch')),
    libraries: createTileLibraries({
      store: options.adapters.store,
      cacheDirectory: join(dataDir, 'cache', 'tiles'),
    }),
  }
  const activities = createActivities(adapters)
  const { activity: spans, sinks } = await traced(tracing)

  const workers = await Promise.all(
    queues.map(async (taskQueue) => {
      const { workflows, steps, slots } = queueServices[taskQueue]
      const bundle = () => options.workflows ?? workflowCode({ traced: tracing !== undefined })
      return await Worker.create({
        connection,
        namespace,
        dataConverter,
        taskQueue,
        ...(workflows && { workflowBundle: await bundle() }),
        ...(steps.length > 0 && {
          activities: Object.fromEntries(steps.map((step) => [step, activities[step]])),
        }),
        maxConcurrentActivityTaskExecutions: slots,
        // Each poller is an open call to the server; two keep the few slots of one process busy.
        maxConcurrentActivityTaskPolls: 2,
        maxConcurrentWorkflowTaskPolls: 2,
        maxCachedWorkflows: 500,
        // A cancellation arrives in the response to a heartbeat. With the default throttling, 80 % of the timeout, that takes 8 s.
        maxHeartbeatThrottleInterval: '1s',
        defaultHeartbeatThrottleInterval: '1s',
        shutdownGraceTime: graceMs,
        shutdownForceTime: graceMs + 5_000,
        interceptors: { activity: [...spans, (context) => ({ inbound: new TypedFailures(context) })] },
        ...(sinks && { sinks }),
        ...(version && {
          workerDeploymentOptions: {
            useWorkerVersioning: true,
            version,
            // A running job continues on the newest build: changes to its workflow are patched.
            defaultVersioningBehavior: 'AUTO_UPGRADE' as const,
          },
        }),
        // Enforced by the server, across all workers.
        ...(taskQueue === 'tweet' && { maxTaskQueueActivitiesPerSecond: answersPerSecond }),
      })
    }),
  )

  return {
    async run() {
      const runs = workers.map((worker) => worker.run())
      try {
        await Promise.all(runs)
      } catch (error) {
        // One worker died: the others finish their running steps, then all stop, so that the failure is noticed.
        for (const worker of workers) stop(worker)
        await Promise.allSettled(runs)
        throw error
      }
    },
    shutdown() {
      stopping.abort()
      for (const worker of workers) stop(worker)
    },
  }
}

function stop(worker: Worker): void {
  if (worker.getState() === 'RUNNING') worker.shutdown()
}
