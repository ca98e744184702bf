import type { JobStatus } from './contract/job.ts'
import { notify } from './steps.ts'

/** The end of a job, as told to whoever asked to be notified. */
export interface WebhookNews {
  url: string
  jobId: string
  /** The job's run ID: a replayed job ends more than once. */
  runId: string
  status: JobStatus
  /** RFC 3339. */
  at: string
  error?: { code: string; message: string }
}

/** Notifies a webhook that a job has ended; retries for about a day. */
export async function webhook(news: WebhookNews): Promise<void> {
  await notify.executeWithOptions({ summary: `${news.status}, to ${new URL(news.url).host}` }, [news])
}
