/**
 * Metrics for Prometheus: requests, jobs, task queues, costs of networks, the gallery, and the process itself. Workers expose
 * their own at METRICS_PORT.
 */
import { createMiddleware } from 'hono/factory'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ApiDependencies } from './dependencies.ts'
import { routeOf } from './http/route-of.ts'
import { observeGallery } from './metrics/gallery.ts'
import { observeQueues } from './metrics/queues.ts'

interface Spent {
  network: string
  usd: number
  cap_usd: number
  calls: Record<string, number>
}

let ofProcess: Registry | undefined
/** Of heap and event loop, which are watched from then on: once, however many apps there are in this process. */
function processMetrics(): Registry {
  if (ofProcess) return ofProcess
  ofProcess = new Registry()
  collectDefaultMetrics({ register: ofProcess })
  return ofProcess
}

export function createMetrics(deps: Pick<ApiDependencies, 'client' | 'cache'>) {
  const register = new Registry()
  observeQueues(register, deps)
  observeGallery(register, deps)
  const labelNames = ['method', 'route', 'status'] as const
  const requests = new Counter({
    name: 'mosaicme_http_requests_total',
    help: 'HTTP requests by method, route and status.',
    labelNames,
    registers: [register],
  })
  const durations = new Histogram({
    name: 'mosaicme_http_request_duration_seconds',
    help: 'Seconds until the response headers were sent.',
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
  const pictures = new Counter({
    name: 'mosaicme_img_pictures_total',
    help: 'Pictures served for signed addresses: from the store, or newly made.',
    labelNames: ['from'] as const,
    registers: [register],
  })
  for (const from of ['store', 'made']) pictures.inc({ from }, 0)

  let openJobs: { count: () => Promise<number>; limit: number } | undefined
  new Gauge({
    name: 'mosaicme_jobs_open',
    help: 'Jobs queued or running.',
    registers: [register],
    async collect() {
      this.set((await openJobs?.count().catch(() => undefined)) ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'mosaicme_jobs_open_limit',
    help: 'MAX_OPEN_JOBS: at this many, new ones are rejected with 429.',
    registers: [register],
    collect() {
      this.set(openJobs?.limit ?? Number.NaN)
    },
  })

  let spent: () => Promise<readonly Spent[]> = async () => []
  new Gauge({
    name: 'mosaicme_social_spent_usd',
    help: 'Cost of calls to a social network since midnight UTC, US dollars.',
    labelNames: ['network'] as const,
    registers: [register],
    async collect() {
      // If the store is down, the other metrics must still be available.
      const now = await spent().catch(() => [])
      for (const { network, usd } of now) this.set({ network }, usd)
    },
  })
  new Gauge({
    name: 'mosaicme_social_budget_usd',
    help: 'X_DAILY_BUDGET_USD: spending limit per day (UTC), US dollars.',
    labelNames: ['network'] as const,
    registers: [register],
    async collect() {
      for (const { network, cap_usd } of await spent().catch(() => [])) this.set({ network }, cap_usd)
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
    register: Registry.merge([processMetrics(), register]),
    /** Sets the source of the day's costs, read on each scrape. */
    spending: (ask: typeof spent) => {
      spent = ask
    },
    /** Sets the source of the number of open jobs. */
    openJobs: (source: NonNullable<typeof openJobs>) => {
      openJobs = source
    },
    imgPicture: (from: 'store' | 'made') => pictures.inc({ from }),
    jobStarted: (type: string) => jobs.inc({ type }),
    middleware: createMiddleware(async (c, next) => {
      const startedAt = performance.now()
      await next()
      const labels = { method: c.req.method, route: routeOf(c), status: String(c.res.status) }
      requests.inc(labels)
      durations.observe(labels, (performance.now() - startedAt) / 1000)
    }),
  }
}

export type ApiMetrics = ReturnType<typeof createMetrics>
