/** Removes a person's tiles from a library, and from the mosaics that use them. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { openAuditLog } from '../../adapters/moderation/audit-log.ts'
import { plain } from '../../adapters/moderation/block-list.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { type JobDesk, pending, startAskedJob } from '../jobs/asked-job.ts'
import { findJob } from '../jobs/find-job.ts'
import { job } from '../schemas/job.ts'
import { libraryName } from '../schemas/job-request.ts'
import { startHeaders } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const removeAuthor = createRoute({
  method: 'delete',
  path: '/v1/tiles/{library}/authors/{handle}',
  tags: ['Tile libraries'],
  summary: "Remove a person's tiles",
  description:
    'Starts a `tiles` job: the tiles of this handle are removed from the library, and every mosaic that uses one of them is ' +
    'rendered again with the best matching other tiles in those cells. To keep out new ones as well, block the handle.',
  request: {
    headers: startHeaders.omit({ prefer: true }),
    params: z.object({
      library: libraryName.openapi({ param: { name: 'library', in: 'path' } }),
      handle: z
        .string()
        .regex(/^@?[\p{L}\p{N}_.@-]{1,100}$/u, 'Expected a handle')
        .openapi({ param: { name: 'handle', in: 'path' }, example: 'someone' }),
    }),
  },
  responses: {
    202: { description: 'The job', content: { 'application/json': { schema: job } } },
    ...problemResponses(401, 422, 429, 503),
  },
})

export function tileAuthorRoutes(deps: ApiDependencies, desk: JobDesk) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(removeAuthor, async (c) => {
    const { library, handle: given } = c.req.valid('param')
    const handle = plain('handle', given)
    const { id, replayed } = await startAskedJob(c, deps, desk, {
      type: 'tiles',
      params: { library, remove_author: handle },
      arg: async () => ({ library, removeAuthor: handle }),
      identity: ['remove', handle],
      summary: `removes the tiles of @${handle} from ${library}`,
    })
    if (!replayed)
      await openAuditLog(deps.store).append({
        at: new Date(deps.now?.() ?? Date.now()).toISOString(),
        ...{ by: c.get('caller'), action: 'remove-author', subject: handle },
        about: { library, job: id },
      })
    return c.json(pending(c, await findJob(deps, id, linksFor(deps, siteOf(deps, c)))), 202)
  })
}
