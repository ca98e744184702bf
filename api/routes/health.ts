/** For whoever runs it: liveness, readiness with the reason, metrics. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import type { ApiMetrics } from '../metrics.ts'
import { createReadiness } from '../readiness.ts'

const check = z.object({ ok: z.boolean(), detail: z.string() })
const readiness = z
  .object({
    ready: z.boolean(),
    reason: z.string().nullable().openapi({ description: 'What is missing, in a sentence.' }),
    checks: z.record(z.string(), check),
  })
  .openapi('Readiness')

const getHealth = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['Operation'],
  summary: 'Is the process alive',
  responses: {
    200: {
      description: 'It is',
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } },
    },
  },
})

const getReadiness = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['Operation'],
  summary: 'Can jobs be done',
  description:
    'Whether Temporal, the object store and the gallery cache answer, and workers poll every queue.',
  responses: {
    200: { description: 'They can', content: { 'application/json': { schema: readiness } } },
    503: { description: 'They cannot', content: { 'application/json': { schema: readiness } } },
  },
})

const getMetrics = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['Operation'],
  summary: 'Metrics for Prometheus',
  responses: { 200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } } },
})

export function healthRoutes(deps: ApiDependencies, metrics: ApiMetrics) {
  const ready = createReadiness(deps)
  return new OpenAPIHono<ApiEnv>()
    .openapi(getHealth, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(getReadiness, async (c) => {
      const checks = await ready()
      const missing = Object.entries(checks).filter(([, { ok }]) => !ok)
      const reason = missing.map(([name, { detail }]) => `${name}: ${detail}`).join('; ')
      c.header('Cache-Control', 'no-store')
      return missing.length === 0
        ? c.json({ ready: true, reason: null, checks }, 200)
        : c.json({ ready: false, reason, checks }, 503)
    })
    .openapi(getMetrics, async (c) =>
      c.text(await metrics.register.metrics(), 200, { 'Content-Type': metrics.register.contentType }),
    )
}
