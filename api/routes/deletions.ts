/** Deleted posts: totals of what was removed with them, and checking now. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { DeletionsConfig } from '../../workflows/contract/deletions.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { problemResponses } from '../schemas/problem.ts'
import { accountOn, deletionsOf } from '../social/accounts.ts'
import { describeDeletions, lookForDeletions } from '../social/deletions.ts'
import { rejectInvalid } from '../validation.ts'

const deletions = z
  .object({
    network: z.string(),
    status: z.enum(['looking', 'resting', 'stopped']).openapi({
      description: '`resting`: until the next day. `stopped`: nobody looks.',
    }),
    reason: z
      .string()
      .optional()
      .openapi({ description: 'Why its step is being retried, or why the last look failed.' }),
    look_ups_per_day: z.int(),
    looked_up: z.int().openapi({ description: 'Posts checked so far.' }),
    gone: z.int().openapi({ description: 'Posts that had been deleted.' }),
    tiles: z.int().openapi({ description: 'Tiles removed with them.' }),
    mosaics: z.int().openapi({ description: 'Mosaics removed with them.' }),
    looked_at: z.iso.datetime().nullable(),
  })
  .openapi('Deletions')
export type Deletions = z.infer<typeof deletions>

const network = z.object({
  network: z.string().openapi({ param: { name: 'network', in: 'path' }, example: 'x' }),
})

const status = createRoute({
  method: 'get',
  path: '/v1/deletions/{network}',
  tags: ['Social networks'],
  summary: 'Show what was removed with deleted posts',
  request: { params: network },
  responses: {
    200: { description: 'The totals so far', content: { 'application/json': { schema: deletions } } },
    ...problemResponses(401, 409, 503),
  },
})

const look = createRoute({
  method: 'post',
  path: '/v1/deletions/{network}/look',
  tags: ['Social networks'],
  summary: 'Look for deleted posts now',
  description:
    'This also happens every day. Tiles and mosaics of deleted posts are removed, and the names of their authors are removed ' +
    'from the plans of mosaics that used them.',
  request: { params: network },
  responses: {
    202: {
      description: 'The totals before this check',
      content: { 'application/json': { schema: deletions } },
    },
    ...problemResponses(401, 409, 503),
  },
})

export function deletionRoutes({ client, environment }: ApiDependencies) {
  async function tell({ network, lookUpsPerDay }: DeletionsConfig): Promise<z.infer<typeof deletions>> {
    const { state, status = 'stopped', lastFailure } = (await describeDeletions(client, network)) ?? {}
    const reason = lastFailure ?? state?.reason
    return {
      network,
      status,
      ...(reason !== undefined && { reason }),
      look_ups_per_day: lookUpsPerDay,
      looked_up: state?.lookedUp ?? 0,
      gone: state?.gone ?? 0,
      tiles: state?.tiles ?? 0,
      mosaics: state?.mosaics ?? 0,
      looked_at: state?.lookedAt ?? null,
    }
  }
  const configOf = (network: string) => deletionsOf(environment, accountOn(environment, network).network)

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
    .openapi(status, async (c) => c.json(await tell(configOf(c.req.valid('param').network)), 200))
    .openapi(look, async (c) => {
      const config = configOf(c.req.valid('param').network)
      await lookForDeletions(client, config)
      return c.json(await tell(config), 202)
    })
}
