import type { JobStatus } from './contract/job.ts'
import { notify } from './steps.ts'

/** The end of a job, for whoever asked to be notified. */
export interface WebhookNews {
  url: string
  jobId: string
  /** The job's run: a replayed job ends more than once. */
  runId: string
  status: JobStatus
  /** RFC 3339. */
  at: string
  error?: { code: string; message: string }
}

/** Tells a webhook that a job is over; retried for about a day. */
export async function webhook(news: WebhookNews): Promise<void> {
  await notify.executeWithOptions({ summary: `${news.status}, to ${new URL(news.url).host}` }, [news])
}
