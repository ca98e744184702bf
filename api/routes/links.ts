/** Signed links: let somebody without an API key do one thing. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { accessTo } from '../access/ownership.ts'
import { requireScope, scopeFor } from '../access/scopes.ts'
import { signLink } from '../access/signed-link.ts'
import { anonymous } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { jsonBody } from '../input/form.ts'
import { findJob, unknownJob } from '../jobs/find-job.ts'
import { Problem } from '../problems.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

/** A week, seconds. */
const longest = 7 * 24 * 3600

const lifetime = z
  .int()
  .min(1)
  .max(longest)
  .default(3600)
  .openapi({ description: 'Seconds, at most a week.' })
const job = z.string().max(100).openapi({ example: 'resize-01kahm5v5c3k9z8v1m6n4q2r7t' })

const linkRequest = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('upload'), expires_in: lifetime }),
    z.strictObject({ action: z.literal('fetch'), job, expires_in: lifetime }),
    z.strictObject({ action: z.literal('delete'), job, expires_in: lifetime }),
  ])
  .openapi('LinkRequest')

const link = z
  .object({
    method: z.enum(['POST', 'GET', 'DELETE']),
    url: z
      .string()
      .openapi({ format: 'uri', description: 'Anyone who has it can do this until it expires.' }),
    expires_at: z.iso.datetime(),
  })
  .openapi('Link')

const postLink = createRoute({
  method: 'post',
  path: '/v1/links',
  tags: ['Uploads'],
  summary: 'Sign a link',
  description:
    'A URL that needs no API key: to upload pictures (`POST` the bytes), to fetch the result of a job, or to delete ' +
    'a job. It acts on behalf of the caller who created it.',
  request: { body: { required: true, content: { 'application/json': { schema: linkRequest } } } },
  responses: {
    201: { description: 'The link', content: { 'application/json': { schema: link } } },
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
})

export function linkRoutes(deps: ApiDependencies) {
  const { environment, now = Date.now } = deps
  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(postLink, async (c) => {
    const request = jsonBody(c, c.req.valid('json'))
    if (environment.linkKey === undefined)
      throw new Problem('links_off', 'Signed links are not enabled: LINK_KEY is not set.')
    const tenant = c.get('tenant')
    const site = siteOf(deps, c)
    let path = '/v1/uploads'
    let method: 'POST' | 'GET' | 'DELETE' = 'POST'
    if (request.action !== 'upload') {
      const access = await accessTo(deps, tenant, request.job)
      if (access === 'none' || (access === 'look' && request.action === 'delete'))
        throw unknownJob(request.job)
      const { id } = await findJob(deps, request.job, linksFor(deps, site))
      path = request.action === 'fetch' ? `/v1/jobs/${id}/result` : `/v1/jobs/${id}`
      method = request.action === 'fetch' ? 'GET' : 'DELETE'
    }
    // A link must not grant what its creator's key does not.
    requireScope(tenant, scopeFor(method, path))
    const expires = Math.floor(now() / 1000) + request.expires_in
    const signed = signLink(environment.linkKey, { method, path, tenant: tenant.name ?? anonymous }, expires)
    return c.json(
      { method, url: `${site}${signed}`, expires_at: new Date(expires * 1000).toISOString() },
      201,
    )
  })
}
