import { proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { taskQueues } from './contract/task-queues.ts'

const { keepLedger } = proxyActivities<Pick<Activities, 'keepLedger'>>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '1h',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '10s', maximumInterval: '10m', maximumAttempts: 10 },
})

/** Writes down which jobs have ended, before Temporal forgets them. Started by a Schedule: see `cli/schedules.ts`. */
export async function ledger(): Promise<{ kept: number; unread?: number }> {
  return await keepLedger()
}
