/** Backlogs of the task queues, as reported by the Temporal server: read on scrapes, and shared by concurrent ones. */
import { Gauge, type Registry } from 'prom-client'
import type { ApiDependencies } from '../dependencies.ts'
import { callTemporal } from '../jobs/temporal-call.ts'
import { taskQueueKinds, taskQueueType } from '../task-queue-kinds.ts'

/** The server itself caches these figures for some seconds. */
const freshMs = 5_000
const patienceSeconds = 3

type Stats = Awaited<ReturnType<typeof look>>

export function observeQueues(register: Registry, { client }: Pick<ApiDependencies, 'client'>): void {
  let looked: { at: number; stats: Promise<Stats> } | undefined
  const latest = () => {
    // If the server is down, the other metrics must still be available, without these.
    if (looked === undefined || Date.now() - looked.at > freshMs)
      looked = { at: Date.now(), stats: look(client).catch(() => []) }
    return looked.stats
  }
  const gauge = (name: string, help: string, figure: (one: Stats[number]) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['queue', 'kind'] as const,
      registers: [register],
      async collect() {
        this.reset()
        for (const one of await latest()) this.set({ queue: one.queue, kind: one.kind }, figure(one))
      },
    })
  gauge('mosaicme_queue_backlog', 'Approximate number of tasks waiting for a worker.', ({ stats }) =>
    Number(stats?.approximateBacklogCount ?? 0),
  )
  gauge('mosaicme_queue_backlog_age_seconds', 'Approximate age of the oldest waiting task.', ({ stats }) =>
    seconds(stats?.approximateBacklogAge),
  )
  gauge(
    'mosaicme_queue_added_per_second',
    'Tasks added per second, over the last 30 s.',
    ({ stats }) => stats?.tasksAddRate ?? 0,
  )
  gauge(
    'mosaicme_queue_taken_per_second',
    'Tasks dispatched to workers per second, over the last 30 s.',
    ({ stats }) => stats?.tasksDispatchRate ?? 0,
  )
  gauge('mosaicme_queue_pollers', 'Workers that polled within the last minutes.', ({ pollers }) => pollers)
}

async function look(client: ApiDependencies['client']) {
  return await Promise.all(
    taskQueueKinds.map(async ({ queue, kind }) => {
      const { pollers, stats } = await callTemporal(
        client,
        () =>
          client.workflowService.describeTaskQueue({
            namespace: client.options.namespace,
            taskQueue: { name: queue },
            taskQueueType: taskQueueType[kind],
            reportStats: true,
          }),
        patienceSeconds,
      )
      return { queue, kind, pollers: pollers.length, stats }
    }),
  )
}

const seconds = (duration: { seconds?: unknown; nanos?: number | null } | null | undefined) =>
  Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9
