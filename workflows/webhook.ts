import { proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import type { JobStatus } from './contract/job.ts'
import { taskQueues } from './contract/task-queues.ts'

/** The end of a job, for whoever asked to be told. */
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

/** Twelve tries over about a day, as Standard Webhooks recommends: 5 s, 15 s, 45 s, then longer, up to 6 h. */
const { notify } = proxyActivities<Pick<Activities, 'notify'>>({
  taskQueue: taskQueues.download,
  startToCloseTimeout: '1m',
  retry: { initialInterval: '5s', backoffCoefficient: 3, maximumInterval: '6h', maximumAttempts: 12 },
})

/** Tells a webhook that a job is over, for as long as it takes. */
export async function webhook(news: WebhookNews): Promise<void> {
  await notify.executeWithOptions({ summary: `${news.status}, to ${new URL(news.url).host}` }, [news])
}
