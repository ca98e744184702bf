/** The steps of a job, for its page. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { findJob } from '../jobs/find-job.ts'
import { stepsOf } from '../jobs/job-steps.ts'
import { jobStepList } from '../schemas/job.ts'
import { jobIdParameter } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const getSteps = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/steps',
  tags: ['Jobs'],
  summary: 'List the steps of a job',
  description:
    'With their times, attempts and failures, read from the history of its current run. Empty if the history has ' +
    'expired.',
  request: { params: jobIdParameter },
  responses: {
    200: { description: 'In order', content: { 'application/json': { schema: jobStepList } } },
    ...problemResponses(401, 404, 410, 503),
  },
})

export function jobStepRoutes(deps: ApiDependencies) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(getSteps, async (c) => {
    const { id } = c.req.valid('param')
    // Unknown and deleted jobs are problems, not empty lists.
    await findJob(deps, id, linksFor(deps, siteOf(deps, c)))
    return c.json({ data: await stepsOf(deps.client, id) }, 200)
  })
}
