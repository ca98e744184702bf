/** The Schedule that removes results which have been kept for long enough (`RESULT_TTL`). */
import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import { taskQueues } from '../workflows/contract/task-queues.ts'

export const expiryScheduleId = 'expire-results'

/** Between two rounds: often enough that a result is not kept much longer than it should be. */
const shortestMs = 60_000
const longestMs = 3_600_000
export const expiryInterval = (keptMs: number) =>
  Math.min(longestMs, Math.max(shortestMs, Math.floor(keptMs / 10)))

/** Makes it what the environment says now. Two processes that start at once agree. */
export async function keepExpirySchedule(client: Client, keptMs: number | undefined): Promise<void> {
  const handle = client.schedule.getHandle(expiryScheduleId)
  if (keptMs === undefined) {
    await handle.delete().catch((error: unknown) => {
      if (!(error instanceof ScheduleNotFoundError)) throw error
    })
    return
  }
  const schedule = {
    spec: { intervals: [{ every: expiryInterval(keptMs) }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'expireResults',
      workflowId: expiryScheduleId,
      taskQueue: taskQueues.orchestration,
      args: [{ olderThanMs: keptMs }],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP },
  }
  try {
    await client.schedule.create({ scheduleId: expiryScheduleId, ...schedule })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await handle.update((before) => ({ ...before, ...schedule }))
  }
}
