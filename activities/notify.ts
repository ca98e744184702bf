/** Notify: tells a webhook that a job has ended. Standard Webhooks, https://www.standardwebhooks.com */
import { cancellationSignal } from '@temporalio/activity'
import { Webhook } from 'standardwebhooks'
import type { GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'

export interface NotifyInput {
  url: string
  jobId: string
  runId: string
  status: string
  /** RFC 3339. */
  at: string
  error?: { code: string; message: string }
}

/** Enough for any acknowledgement; more of the response is not read. */
const receiptBytes = 64 * 1024

export function createNotify({
  fetch,
  site,
  webhookSecret,
}: {
  fetch: GuardedFetch
  site: string
  webhookSecret?: string | undefined
}) {
  return async function notify({ url, jobId, runId, status, at, error }: NotifyInput): Promise<void> {
    if (webhookSecret === undefined)
      throw new Error('expected WEBHOOK_SECRET in the environment of the worker, as in that of the API')
    // The same for every attempt, so that a receiver whose acknowledgement was lost can deduplicate.
    const id = `${jobId}.${runId}`
    const [type, job] = [jobId.split('-', 1)[0], site && `${site}/v1/jobs/${jobId}`]
    const data = { id: jobId, type, status, ...(job && { url: job }), ...(error && { error }) }
    const body = JSON.stringify({ type: `job.${status}`, timestamp: at, data })
    const now = new Date()
    await fetch(url, {
      signal: cancellationSignal(),
      maxBytes: receiptBytes,
      post: {
        body,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': new Webhook(webhookSecret).sign(id, now, body),
        },
      },
    })
  }
}
