/** Task queues: their backlogs and pollers. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { allTaskQueues } from '../../workflows/contract/task-queues.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { callTemporal } from '../jobs/temporal-call.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { taskQueueKinds, taskQueueType } from '../task-queue-kinds.ts'
import { rejectInvalid } from '../validation.ts'

const queue = z
  .object({
    name: z.string().openapi({ example: 'tile-match' }),
    backlog: z
      .int()
      .openapi({ description: 'Approximate number of steps waiting for a worker, as counted by Temporal.' }),
    backlog_seconds: z.number().openapi({ description: 'How long the oldest of them has been waiting.' }),
    pollers: z.int().openapi({ description: 'Worker processes that polled within the last minutes.' }),
    temporal: z.string().optional().openapi({ format: 'uri', description: 'In the Temporal Web UI.' }),
  })
  .openapi('Queue')
export type Queue = z.infer<typeof queue>

const getQueues = createRoute({
  method: 'get',
  path: '/v1/queues',
  tags: ['Operation'],
  summary: 'List task queues with their backlogs',
  responses: {
    200: {
      description: 'All task queues',
      content: { 'application/json': { schema: z.object({ data: z.array(queue) }).openapi('QueueList') } },
    },
    ...problemResponses(401, 503),
  },
})

export function queueRoutes(deps: ApiDependencies) {
  const { client } = deps

  /** Of every kind that comes on it: a resize waits as a task of its workflow. */
  async function look(name: string) {
    const told = await Promise.all(
      taskQueueKinds
        .filter(({ queue }) => queue === name)
        .map(({ kind }) =>
          callTemporal(client, () =>
            client.workflowService.describeTaskQueue({
              namespace: client.options.namespace,
              taskQueue: { name },
              taskQueueType: taskQueueType[kind],
              reportStats: true,
            }),
          ),
        ),
    )
    return {
      backlog: told.reduce((sum, { stats }) => sum + Number(stats?.approximateBacklogCount ?? 0), 0),
      backlog_seconds: Math.max(...told.map(({ stats }) => seconds(stats?.approximateBacklogAge))),
      pollers: new Set(told.flatMap(({ pollers }) => pollers.map(({ identity }) => identity))).size,
    }
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(getQueues, async (c) => {
    const { temporal } = linksFor(deps, siteOf(deps, c))
    // The Web UI's pages about queues are next to those about workflows.
    const page = (name: string) => temporal?.('', '').replace(/\/workflows\/.*$/, `/task-queues/${name}`)
    const data = await Promise.all(
      allTaskQueues.map(async (name) => {
        const told = await look(name)
        const link = page(name)
        return { name, ...told, ...(link && { temporal: link }) }
      }),
    )
    return c.json({ data }, 200)
  })
}

const seconds = (age: { seconds?: unknown; nanos?: number | null } | null | undefined) =>
  Number(age?.seconds ?? 0) + Math.round((age?.nanos ?? 0) / 1e6) / 1e3
