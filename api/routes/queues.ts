/** Task queues: their backlogs and pollers. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { allTaskQueues, taskQueues } from '../../workflows/contract/task-queues.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { callTemporal } from '../jobs/temporal-call.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
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
      description: 'In the order in which a mosaic uses them',
      content: { 'application/json': { schema: z.object({ data: z.array(queue) }).openapi('QueueList') } },
    },
    ...problemResponses(401, 503),
  },
})

/** temporal.api.enums.v1.TaskQueueType */
const workflowTasks = 1
const activityTasks = 2

export function queueRoutes(deps: ApiDependencies) {
  const { client } = deps

  async function look(name: string, taskQueueType: number) {
    const { stats, pollers } = await callTemporal(client, () =>
      client.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name },
        taskQueueType,
        reportStats: true,
      }),
    )
    const { seconds, nanos } = stats?.approximateBacklogAge ?? {}
    return {
      backlog: Number(stats?.approximateBacklogCount ?? 0),
      backlog_seconds: Number(seconds ?? 0) + Math.round((nanos ?? 0) / 1e6) / 1e3,
      pollers: new Set(pollers.map(({ identity }) => identity)).size,
    }
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(getQueues, async (c) => {
    const { temporal } = linksFor(deps, siteOf(deps, c))
    // The Web UI's pages about queues are next to those about workflows.
    const page = (name: string) => temporal?.('', '').replace(/\/workflows\/.*$/, `/task-queues/${name}`)
    const data = await Promise.all(
      allTaskQueues.map(async (name) => {
        const told = await look(name, name === taskQueues.orchestration ? workflowTasks : activityTasks)
        const link = page(name)
        return { name, ...told, ...(link && { temporal: link }) }
      }),
    )
    return c.json({ data }, 200)
  })
}
