/** Runners-up: other tiles that would fit a cell of a mosaic. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { findJob } from '../jobs/find-job.ts'
import { createRunnersUp } from '../jobs/find-runners-up.ts'
import { Problem } from '../problems.ts'
import { jobIdParameter } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const cell = (name: string) =>
  z.coerce
    .number()
    .int()
    .min(0)
    .max(1e6)
    .openapi({ description: `The cell's ${name}, from 0.` })

const runnersUpList = z
  .object({
    data: z.array(
      z.object({
        id: z.string().openapi({ description: 'For `pin` in an edit.' }),
        source: z.string(),
        author: z
          .object({ name: z.string().optional(), handle: z.string().optional(), url: z.string().optional() })
          .optional(),
        difference: z
          .number()
          .openapi({ description: 'Difference from the photo in this cell: OKLab x 100, 0 is identical.' }),
      }),
    ),
  })
  .openapi('RunnersUp')

const getRunnersUp = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/runners-up',
  tags: ['Jobs'],
  summary: 'List other tiles for a cell',
  description:
    'For a finished mosaic: the tiles that match a cell best, apart from the current one, and that an edit can pin to it ' +
    'without changing any other cell.',
  request: {
    params: jobIdParameter,
    query: z.object({
      x: cell('column'),
      y: cell('row'),
      limit: z.coerce.number().int().min(1).max(24).default(8),
    }),
  },
  responses: {
    200: { description: 'Best match first', content: { 'application/json': { schema: runnersUpList } } },
    ...problemResponses(401, 404, 409, 410, 422, 429, 503),
  },
})

export function runnersUpRoutes(deps: ApiDependencies) {
  const findRunnersUp = createRunnersUp(deps)
  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(getRunnersUp, async (c) => {
    const { id } = c.req.valid('param')
    const { x, y, limit: count } = c.req.valid('query')
    const { signal } = c.req.raw
    const mosaic = await findJob(deps, id, linksFor(deps, siteOf(deps, c)))
    const found = await findRunnersUp({ mosaic, place: { x, y }, count, signal }).catch((error) => {
      // Nobody gets this response: the client has disconnected, which is not a server error.
      throw signal.aborted
        ? new Problem('bad_request', 'The client has disconnected.', { cause: error })
        : error
    })
    return c.json({ data: found }, 200)
  })
}
