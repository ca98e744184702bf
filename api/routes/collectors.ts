/** Collectors, which fill tile libraries from networks: start, pause, resume, stop. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { jsonBody } from '../input/form.ts'
import { signalStanding, stopStanding } from '../jobs/standing-workflow.ts'
import { Problem } from '../problems.ts'
import { libraryName } from '../schemas/job-request.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { accountOn } from '../social/accounts.ts'
import {
  type CollectorDescription,
  describeCollector,
  listCollectors,
  startCollector,
  usualCollector,
} from '../social/collectors.ts'
import { rejectInvalid } from '../validation.ts'

const collector = z
  .object({
    id: z.string().openapi({ example: 'collector-x-clouds' }),
    network: z.string(),
    hashtags: z.array(z.string()),
    library: z.string(),
    status: z.enum(['collecting', 'resting', 'paused', 'budget_spent', 'full', 'stopped']),
    daily_reads: z.int(),
    reads_today: z.int(),
    reads: z.int().openapi({ description: 'In total.' }),
    added: z.int().openapi({ description: 'Tiles added by it.' }),
    reason: z
      .string()
      .optional()
      .openapi({ description: 'Why its step is being retried, or why it has paused itself.' }),
    temporal: z.string().optional().openapi({ format: 'uri', description: 'In the Temporal Web UI.' }),
  })
  .openapi('Collector')
export type Collector = z.infer<typeof collector>

const hashtag = z.string().regex(/^#?[\p{L}\p{N}\p{M}_]{1,100}$/u, 'Expected a hashtag of letters and digits')

const collectorRequest = z
  .strictObject({
    network: z.string().default('x'),
    hashtags: z
      .array(hashtag)
      .min(1)
      .max(10)
      .openapi({ example: ['clouds'] }),
    library: libraryName,
    daily_reads: z.int().min(10).max(100_000).default(usualCollector.dailyReads).openapi({
      description: 'Maximum number of posts read per day (UTC). Networks charge for each.',
    }),
    languages: z
      .array(z.string().regex(/^[a-z]{2,3}$/))
      .max(10)
      .default([]),
    smallest_side: z.int().min(1).max(10_000).default(usualCollector.smallestSide).openapi({
      description: "Of a photo's shorter side, pixels.",
    }),
    photos_per_author: z.int().min(1).max(100).default(usualCollector.photosPerAuthor).openapi({
      description: 'From one page of posts.',
    }),
    tiles_at_most: z.int().min(1).max(1_000_000).default(usualCollector.tilesAtMost),
    every_seconds: z.int().min(1).max(86_400).default(usualCollector.everySeconds),
  })
  .openapi('CollectorRequest')

const idParameter = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'collector-x-clouds' }),
})
const one = { 'application/json': { schema: collector } }
const tags = ['Social networks']

const list = createRoute({
  method: 'get',
  path: '/v1/collectors',
  tags,
  summary: 'List collectors',
  description: 'Including stopped ones, as long as Temporal remembers them.',
  responses: {
    200: {
      description: 'By ID',
      content: {
        'application/json': { schema: z.object({ data: z.array(collector) }).openapi('CollectorList') },
      },
    },
    ...problemResponses(401, 503),
  },
})

const start = createRoute({
  method: 'post',
  path: '/v1/collectors',
  tags,
  summary: 'Fill a tile library from hashtags',
  description: 'There is one collector per library and network. If it already exists, it is reconfigured.',
  request: { body: { required: true, content: { 'application/json': { schema: collectorRequest } } } },
  responses: {
    202: { description: 'The collector', content: one },
    ...problemResponses(400, 401, 409, 413, 415, 422, 503),
  },
})

const act = <const Verb extends string>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/collectors/{id}/${verb}`,
    tags,
    summary,
    request: { params: idParameter },
    responses: {
      202: { description: 'The collector', content: one },
      ...problemResponses(401, 404, 409, 503),
    },
  })

export function collectorRoutes(deps: ApiDependencies) {
  const { client, environment } = deps

  const tell = (description: CollectorDescription, c: Context): z.infer<typeof collector> => {
    const { id, runId, config, state, lastFailure: reason = state.reason } = description
    const { temporal } = linksFor(deps, siteOf(deps, c))
    return {
      id,
      network: config.network,
      hashtags: config.hashtags,
      library: config.library,
      status: state.doing,
      daily_reads: config.dailyReads,
      reads_today:
        state.day === new Date(deps.now?.() ?? Date.now()).toISOString().slice(0, 10) ? state.reads : 0,
      reads: state.readsEver,
      added: state.added,
      ...(reason !== undefined && { reason }),
      ...(temporal && { temporal: temporal(id, runId) }),
    }
  }

  async function find(id: string): Promise<CollectorDescription> {
    const found = await describeCollector(client, id)
    if (found) return found
    throw new Problem(
      'collector_not_found',
      `There is no collector with the ID ${JSON.stringify(id.slice(0, 100))}.`,
    )
  }

  async function running(id: string): Promise<void> {
    if (!(await find(id)).running)
      throw new Problem(
        'already_finished',
        `The collector ${id} is stopped. POST /v1/collectors starts it again.`,
      )
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
    .openapi(list, async (c) =>
      c.json({ data: (await listCollectors(client)).map((one) => tell(one, c)) }, 200),
    )
    .openapi(start, async (c) => {
      const asked = jsonBody(c, c.req.valid('json'))
      accountOn(environment, asked.network)
      const id = await startCollector(client, {
        network: asked.network,
        hashtags: asked.hashtags.map((tag) => tag.replace(/^#/, '').toLowerCase()),
        library: asked.library,
        dailyReads: asked.daily_reads,
        languages: asked.languages,
        smallestSide: asked.smallest_side,
        photosPerAuthor: asked.photos_per_author,
        tilesAtMost: asked.tiles_at_most,
        everySeconds: asked.every_seconds,
      })
      return c.json(tell(await find(id), c), 202)
    })
    .openapi(act('pause', 'Pause a collector'), async (c) => {
      const { id } = c.req.valid('param')
      await running(id)
      await signalStanding(client, id, 'pause')
      return c.json(tell(await find(id), c), 202)
    })
    .openapi(act('resume', 'Resume a paused collector'), async (c) => {
      const { id } = c.req.valid('param')
      await running(id)
      await signalStanding(client, id, 'resume')
      return c.json(tell(await find(id), c), 202)
    })
    .openapi(act('stop', 'Stop a collector'), async (c) => {
      const { id } = c.req.valid('param')
      await running(id)
      await stopStanding(client, id)
      return c.json(tell(await find(id), c), 202)
    })
}
