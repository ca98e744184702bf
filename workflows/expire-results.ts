import { proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { taskQueues } from './contract/task-queues.ts'

const steps = proxyActivities<Pick<Activities, 'expireResults' | 'expireUploads'>>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '6h',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '10s', maximumInterval: '10m', maximumAttempts: 10 },
})

/** Each is absent when it is kept for ever. */
export interface Expiry {
  /** Of results, ms. */
  olderThanMs?: number
  /** Pictures that were handed in; `kept`: SHA-256 of those that stay. */
  uploads?: { olderThanMs: number; kept: string[] }
}

/** Removes what has been kept for long enough. Started by a Schedule: see `cli/schedules.ts`. */
export async function expireResults({
  olderThanMs,
  uploads,
}: Expiry): Promise<{ jobs?: number; others?: number; uploads?: number; unread?: number }> {
  return {
    ...(olderThanMs !== undefined && (await steps.expireResults({ olderThanMs }))),
    ...(uploads && (await steps.expireUploads(uploads))),
  }
}
