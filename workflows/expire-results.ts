import { proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { taskQueues } from './contract/task-queues.ts'

const { expireResults: expire } = proxyActivities<Pick<Activities, 'expireResults'>>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '6h',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '10s', maximumInterval: '10m', maximumAttempts: 10 },
})

/** Removes results that have been kept for long enough. Started by a Schedule: see `cli/schedules.ts`. */
export async function expireResults(input: {
  olderThanMs: number
}): Promise<{ jobs: number; others: number }> {
  return await expire(input)
}
