/** What waits on the task queues, as Temporal's server tells it: asked when somebody scrapes, once for all who do. */
import { Gauge, type Registry } from 'prom-client'
import type { ApiDependencies } from '../dependencies.ts'
import { callTemporal } from '../jobs/temporal-call.ts'
import { taskQueueKinds, taskQueueType } from '../task-queue-kinds.ts'

/** The server itself keeps these figures for some seconds. */
const freshMs = 5_000
const patienceSeconds = 3

type Stats = Awaited<ReturnType<typeof look>>

export function observeQueues(register: Registry, { client }: Pick<ApiDependencies, 'client'>): void {
  let looked: { at: number; stats: Promise<Stats> } | undefined
  const latest = () => {
    // A server that is down must not take the other metrics along: then there are none of these.
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
  gauge('mosaicme_queue_backlog', 'Tasks that wait for a worker, about.', ({ stats }) =>
    Number(stats?.approximateBacklogCount ?? 0),
  )
  gauge('mosaicme_queue_backlog_age_seconds', 'How long the oldest of them has waited, about.', ({ stats }) =>
    seconds(stats?.approximateBacklogAge),
  )
  gauge(
    'mosaicme_queue_added_per_second',
    'Tasks that come, over the last 30 s.',
    ({ stats }) => stats?.tasksAddRate ?? 0,
  )
  gauge(
    'mosaicme_queue_taken_per_second',
    'Tasks that workers take, over the last 30 s.',
    ({ stats }) => stats?.tasksDispatchRate ?? 0,
  )
  gauge(
    'mosaicme_queue_pollers',
    'Workers that have asked for tasks in the last minutes.',
    ({ pollers }) => pollers,
  )
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
