/** The typed client: the API's types and `fetch`, nothing else. */
import { hc } from 'hono/client'
import type { AppType } from './app.ts'

export type { Collector } from './routes/collectors.ts'
export type { Deletions } from './routes/deletions.ts'
export type { Inbox } from './routes/inboxes.ts'
export type { Listener } from './routes/listeners.ts'
export type { AuditEntry, Review } from './routes/moderation.ts'
export type { Queue } from './routes/queues.ts'
export type { Spending } from './routes/spending.ts'
export type { Job, JobStatus, JobSummary } from './schemas/job.ts'
export type { JobRequest } from './schemas/job-request.ts'

export interface ClientOptions {
  apiKey?: string
  fetch?: typeof fetch
}

/**
 * @param address of the site, such as `http://127.0.0.1:3000`
 * @example
 * const mosaicme = createClient('http://127.0.0.1:3000')
 * const answer = await mosaicme.v1.jobs.$post(
 *   { json: { type: 'resize', input: { url: 'https://example.org/photo.jpg' }, width: 640 }, header: {} },
 *   { headers: { Prefer: 'wait=10' } },
 * )
 * if (!answer.ok) throw new Error((await answer.json()).detail)
 * const job = await answer.json()
 * console.log(job.status, job.urls.result)
 */
export function createClient(address: string, { apiKey, fetch }: ClientOptions = {}) {
  return hc<AppType>(address, {
    ...(apiKey !== undefined && { headers: { Authorization: `Bearer ${apiKey}` } }),
    ...(fetch && { fetch }),
  })
}

export type MosaicmeClient = ReturnType<typeof createClient>
