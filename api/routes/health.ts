/** For operators: liveness, readiness with the reason, metrics. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import type { PictureMaker } from '../img/make-picture.ts'
import type { JobDesk } from '../jobs/asked-job.ts'
import { createReadiness, roomForJobs } from '../readiness.ts'
import { rejectInvalid } from '../validation.ts'

const check = z.object({ ok: z.boolean(), detail: z.string() })
const readiness = z
  .object({
    ready: z.boolean(),
    reason: z.string().nullable().openapi({ description: 'What is missing, in a sentence.' }),
    checks: z.record(z.string(), check),
    accepting: z.object({ jobs: check, pictures: check }).openapi({
      description: 'Whether a new job, and a new `/img/` picture, would be accepted now.',
    }),
  })
  .openapi('Readiness')

const getHealth = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['Operation'],
  summary: 'Liveness',
  responses: {
    200: {
      description: 'The process is alive',
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } },
    },
  },
})

const getReadiness = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['Operation'],
  summary: 'Readiness',
  description:
    'Whether Temporal, the object store and the gallery cache answer, and workers poll every queue. A server at its limit is ' +
    'ready, because its jobs are read and fetched there; `accepting` shows the limit, and `?for=jobs` answers 503.',
  request: { query: z.object({ for: z.enum(['jobs', 'pictures']).optional() }) },
  responses: {
    200: { description: 'Jobs can be processed', content: { 'application/json': { schema: readiness } } },
    503: { description: 'Jobs cannot be processed', content: { 'application/json': { schema: readiness } } },
  },
})

const getMetrics = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['Operation'],
  summary: 'Metrics for Prometheus',
  responses: { 200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } } },
})

export function healthRoutes(
  deps: ApiDependencies,
  { metrics, openJobs, pictures }: JobDesk & { pictures: PictureMaker },
) {
  const ready = createReadiness(deps)
  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
    .openapi(getHealth, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(getReadiness, async (c) => {
      const [checks, jobs] = await Promise.all([ready(), roomForJobs(openJobs)])
      const missing = Object.entries(checks).filter(([, { ok }]) => !ok)
      const reason = missing.map(([name, { detail }]) => `${name}: ${detail}`).join('; ')
      c.header('Cache-Control', 'no-store')
      const accepting = { jobs, pictures: pictures.room() }
      const told = { checks, accepting }
      if (missing.length > 0) return c.json({ ready: false, reason, ...told }, 503)
      const wanted = c.req.valid('query').for
      if (wanted && !accepting[wanted].ok)
        return c.json({ ready: false, reason: `${wanted}: ${accepting[wanted].detail}`, ...told }, 503)
      return c.json({ ready: true, reason: null, ...told }, 200)
    })
    .openapi(getMetrics, async (c) =>
      c.text(await metrics.register.metrics(), 200, { 'Content-Type': metrics.register.contentType }),
    )
}
