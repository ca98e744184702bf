/** A job's changes as Server-Sent Events (WHATWG HTML, section 9.2). */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { entityTag } from '../http/entity-tag.ts'
import { findJob } from '../jobs/find-job.ts'
import { createJobEvents, isFinal } from '../jobs/job-events.ts'
import { jobIdParameter } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

/** Below the 30 s after which some proxies close idle connections. */
const keepAliveMs = 15_000

const getEvents = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/events',
  tags: ['Jobs'],
  summary: 'Watch a job',
  description:
    'Server-Sent Events: `progress` with the job as JSON whenever it changes, then one `done` with the finished ' +
    'job, then the stream ends. Each event carries the complete state, so missing one does no harm; an ' +
    '`EventSource` resumes by itself. 204 if `Last-Event-ID` was the final one.',
  request: {
    params: jobIdParameter,
    headers: z.object({ 'last-event-id': z.string().optional() }),
  },
  responses: {
    200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    204: { description: 'There are no more events' },
    ...problemResponses(401, 404, 410, 503),
  },
})

export function jobEventRoutes(deps: ApiDependencies) {
  const events = createJobEvents(async (id, site) => {
    const job = await findJob(deps, id, linksFor(deps, site))
    return { id: eventId(JSON.stringify(job)), job }
  })

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(getEvents, async (c) => {
    const { id } = c.req.valid('param')
    const site = siteOf(deps, c)
    const seen = c.req.header('Last-Event-ID')
    // Checked before streaming: an unknown job is a problem, and a 204 tells browsers not to reconnect.
    const now = await findJob(deps, id, linksFor(deps, site))
    if (isFinal(now) && seen === eventId(JSON.stringify(now))) return c.body(null, 204)

    c.header('X-Accel-Buffering', 'no')
    return streamSSE(c, async (stream) => {
      const left = new AbortController()
      stream.onAbort(() => left.abort())
      const keepAlive = setInterval(() => void stream.write(': still here\n\n'), keepAliveMs)
      try {
        for await (const event of events.follow(id, site, left.signal)) {
          if (event.id === seen) continue
          await stream.writeSSE({
            id: event.id,
            event: isFinal(event.job) ? 'done' : 'progress',
            data: JSON.stringify(event.job),
          })
        }
      } catch (error) {
        // The stream ends; the EventSource reconnects and gets the problem as its response.
        deps.logger.warn({ err: error, job: id }, 'watching a job ended early')
      } finally {
        clearInterval(keepAlive)
      }
    })
  })
}

const eventId = (json: string) => entityTag(json).slice(1, -1)
