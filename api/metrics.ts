/** What Prometheus scrapes: requests, jobs started, and the process itself. */
import { createMiddleware } from 'hono/factory'
import { matchedRoutes } from 'hono/route'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

interface Spent {
  network: string
  usd: number
  calls: Record<string, number>
}

export function createMetrics() {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const labelNames = ['method', 'route', 'status'] as const
  const requests = new Counter({
    name: 'mosaicme_http_requests_total',
    help: 'HTTP requests by method, route and status.',
    labelNames,
    registers: [register],
  })
  const durations = new Histogram({
    name: 'mosaicme_http_request_duration_seconds',
    help: 'Seconds until the head of the answer was sent.',
    labelNames,
    // Up to the 60 s that a caller may prefer to wait.
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [register],
  })
  const jobs = new Counter({
    name: 'mosaicme_jobs_started_total',
    help: 'Jobs started over HTTP, by type.',
    labelNames: ['type'] as const,
    registers: [register],
  })

  let spent: () => Promise<readonly Spent[]> = async () => []
  new Gauge({
    name: 'mosaicme_social_spent_usd',
    help: 'What calls to a social network have cost since midnight UTC, US dollars.',
    labelNames: ['network'] as const,
    registers: [register],
    async collect() {
      // A store that is down must not take the other metrics along.
      const now = await spent().catch(() => [])
      for (const { network, usd } of now) this.set({ network }, usd)
    },
  })
  new Gauge({
    name: 'mosaicme_social_calls',
    help: 'Paid calls to a social network since midnight UTC, by kind.',
    labelNames: ['network', 'call'] as const,
    registers: [register],
    async collect() {
      this.reset()
      for (const { network, calls } of await spent().catch(() => []))
        for (const [call, count] of Object.entries(calls)) this.set({ network, call }, count)
    },
  })

  return {
    register,
    /** Where to ask for the costs of the day when somebody scrapes. */
    spending: (ask: typeof spent) => {
      spent = ask
    },
    jobStarted: (type: string) => jobs.inc({ type }),
    middleware: createMiddleware(async (c, next) => {
      const startedAt = performance.now()
      await next()
      // The pattern, never the path: IDs as labels would grow without end. Middleware matches `*` patterns.
      const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'))?.path ?? 'none'
      const labels = { method: c.req.method, route, status: String(c.res.status) }
      requests.inc(labels)
      durations.observe(labels, (performance.now() - startedAt) / 1000)
    }),
  }
}

export type ApiMetrics = ReturnType<typeof createMetrics>
