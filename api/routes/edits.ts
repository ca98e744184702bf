/** Edits: a finished mosaic with other tiles in some cells. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { onBehalfOf } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { jsonBody } from '../input/form.ts'
import { type JobDesk, pending, startAskedJob } from '../jobs/asked-job.ts'
import { editedJob } from '../jobs/edited-job.ts'
import { findJob } from '../jobs/find-job.ts'
import { editRequest } from '../schemas/edit-request.ts'
import { job } from '../schemas/job.ts'
import { jobIdParameter, startHeaders } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const postEdits = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/edits',
  tags: ['Jobs'],
  summary: 'Edit a mosaic',
  description:
    'Starts a new job that makes a mosaic from a finished one: tiles are pinned to cells, banned, replaced or swapped. Cells whose ' +
    'tile is no longer allowed take the best match that is; all other cells stay as they are, and unchanged pictures are ' +
    'copied. The new job names the old one as its `parent`; the old mosaic stays as it is.',
  request: {
    params: jobIdParameter,
    headers: startHeaders.omit({ prefer: true }),
    body: { required: true, content: { 'application/json': { schema: editRequest } } },
  },
  responses: {
    202: {
      description: 'The new job: see Location and Retry-After',
      content: { 'application/json': { schema: job } },
    },
    ...problemResponses(400, 401, 404, 409, 410, 413, 415, 422, 429, 503),
  },
})

export function editRoutes(deps: ApiDependencies, desk: JobDesk) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(postEdits, async (c) => {
    const { id } = c.req.valid('param')
    const links = linksFor(deps, siteOf(deps, c))
    const request = jsonBody(c, c.req.valid('json'))
    const asked = await editedJob(onBehalfOf(deps, c), await findJob(deps, id, links), request)
    const started = await startAskedJob(c, deps, desk, asked)
    return c.json(pending(c, await findJob(deps, started.id, links)), 202)
  })
}
