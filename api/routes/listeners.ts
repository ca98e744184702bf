/** Listeners: status, start, stop. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { type Account, accountOn, accountsOf } from '../social/accounts.ts'
import { describeListener, startListener, stopListener } from '../social/listeners.ts'
import { rejectInvalid } from '../validation.ts'

const listener = z
  .object({
    id: z.string().openapi({ example: 'listener-x-mosaicbot' }),
    network: z.string(),
    account: z.string().openapi({ description: 'Without `@`.' }),
    status: z.enum(['stopped', 'starting', 'listening', 'waiting']).openapi({
      description:
        '`waiting`: it is backing off, or starts anew later, for the given `reason`. `starting`: no worker has picked it up yet.',
    }),
    hashtag: z.string(),
    mode: z.enum(['mentions', 'stream']),
    since_id: z.string().nullable().openapi({ description: 'All posts up to this one have been handled.' }),
    mosaics: z.int().openapi({ description: 'Mosaics started for posts so far.' }),
    reason: z.string().optional(),
    temporal: z.string().optional().openapi({ format: 'uri', description: 'In the Temporal Web UI.' }),
  })
  .openapi('Listener')
export type Listener = z.infer<typeof listener>

const network = z.object({
  network: z.string().openapi({ param: { name: 'network', in: 'path' }, example: 'x' }),
})
const one = { 'application/json': { schema: listener } }

const getListeners = createRoute({
  method: 'get',
  path: '/v1/listeners',
  tags: ['Social networks'],
  summary: 'List listeners',
  description: 'One per account with credentials, whether it is listening or not.',
  responses: {
    200: {
      description: 'By network',
      content: {
        'application/json': { schema: z.object({ data: z.array(listener) }).openapi('ListenerList') },
      },
    },
    ...problemResponses(401, 503),
  },
})

const start = createRoute({
  method: 'post',
  path: '/v1/listeners/{network}/start',
  tags: ['Social networks'],
  summary: 'Start listening',
  description: 'Continues where it was stopped, or starts now. Repeating the call has no effect.',
  request: { params: network },
  responses: { 202: { description: 'The listener', content: one }, ...problemResponses(401, 409, 503) },
})

const stop = createRoute({
  method: 'post',
  path: '/v1/listeners/{network}/stop',
  tags: ['Social networks'],
  summary: 'Stop listening',
  description: 'Mosaics in progress are finished.',
  request: { params: network },
  responses: { 202: { description: 'The listener', content: one }, ...problemResponses(401, 404, 409, 503) },
})

export function listenerRoutes(deps: ApiDependencies) {
  const { client, environment } = deps

  async function tell(account: Account, site: string): Promise<z.infer<typeof listener>> {
    const {
      id,
      runId,
      running,
      config = account.listener,
      state,
      progress,
      lastFailure,
    } = await describeListener(client, account)
    const known = progress ?? state
    const { temporal } = linksFor(deps, site)
    const { doing, reason } = !running
      ? { doing: 'stopped' as const, reason: undefined }
      : (progress ?? { doing: state?.reason ? 'waiting' : 'starting', reason: lastFailure ?? state?.reason })
    return {
      id,
      network: account.network,
      account: account.account,
      status: doing,
      hashtag: config.hashtag,
      mode: config.mode,
      since_id: known?.sinceId ?? null,
      mosaics: known?.mosaics ?? 0,
      ...(reason !== undefined && { reason }),
      ...(temporal && runId !== undefined && { temporal: temporal(id, runId) }),
    }
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
    .openapi(getListeners, async (c) => {
      const site = siteOf(deps, c)
      const data = await Promise.all(accountsOf(environment).map((account) => tell(account, site)))
      return c.json({ data }, 200)
    })
    .openapi(start, async (c) => {
      const account = accountOn(environment, c.req.valid('param').network)
      await startListener(client, account)
      return c.json(await tell(account, siteOf(deps, c)), 202)
    })
    .openapi(stop, async (c) => {
      const account = accountOn(environment, c.req.valid('param').network)
      if (!(await stopListener(client, account)))
        throw new Problem('listener_not_found', `@${account.account} does not listen on ${account.network}.`)
      return c.json(await tell(account, siteOf(deps, c)), 202)
    })
}
