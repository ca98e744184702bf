/** Preview of a running mosaic, which fills in row by row. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { isKnown } from '../http/entity-tag.ts'
import { findJob } from '../jobs/find-job.ts'
import { createMosaicsSoFar } from '../jobs/mosaic-so-far.ts'
import { Problem } from '../problems.ts'
import { jobIdParameter } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const getPreview = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/preview',
  tags: ['Jobs'],
  summary: 'Preview a running mosaic',
  description:
    'A small WebP with the rows composed so far, transparent below. Available once every cell has its tile.',
  request: { params: jobIdParameter },
  responses: {
    200: {
      description: 'The mosaic so far',
      content: { 'image/webp': { schema: { type: 'string', format: 'binary' } } },
    },
    304: { description: 'No more rows than before' },
    ...problemResponses(404, 409, 410, 503),
  },
})

export function jobPreviewRoutes(deps: ApiDependencies) {
  const mosaicSoFar = createMosaicsSoFar(deps)
  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(getPreview, async (c) => {
    const { id } = c.req.valid('param')
    const found = await findJob(deps, id, linksFor(deps, siteOf(deps, c)))
    const seen = await mosaicSoFar(found)
    if (!seen)
      throw new Problem('not_finished', `The job is ${found.status}: there is no mosaic to preview.`, {
        headers: { 'Retry-After': '2' },
      })
    const etag = `"${id}-${seen.rows}"`
    const headers = { ETag: etag, 'Cache-Control': 'private, no-cache' }
    if (isKnown(c.req.header('If-None-Match'), etag)) return c.body(null, 304, headers)
    return c.body(new Uint8Array(seen.bytes), 200, { ...headers, 'Content-Type': 'image/webp' })
  })
}
