/** Temporal Schedules of the service's own housekeeping. */
import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import type { Environment } from '../adapters/environment.ts'
import type { Presets } from '../api/schemas/resize-request.ts'
import { taskQueues } from '../workflows/contract/task-queues.ts'
import type { Expiry } from '../workflows/expire-results.ts'

export const expiryScheduleId = 'expire-results'
export const ledgerScheduleId = 'ledger'

/** Between two rounds: often enough that a result is not kept much longer than it should be. */
const shortestMs = 60_000
const longestMs = 3_600_000
export const expiryInterval = (keptMs: number) =>
  Math.min(longestMs, Math.max(shortestMs, Math.floor(keptMs / 10)))

/** Removes results (`RESULT_TTL`) and uploads (`UPLOAD_TTL`) which have been kept for long enough; absent: never. */
export async function keepExpirySchedule(client: Client, expiry: Expiry): Promise<void> {
  const { olderThanMs: resultsMs, uploads } = expiry
  const shortest = Math.min(
    resultsMs ?? Number.POSITIVE_INFINITY,
    uploads?.olderThanMs ?? Number.POSITIVE_INFINITY,
  )
  if (!Number.isFinite(shortest)) return await removeSchedule(client, expiryScheduleId)
  await keepSchedule(client, expiryScheduleId, {
    everyMs: expiryInterval(shortest),
    workflow: 'expireResults',
    args: [expiry],
  })
}

/** What is kept for how long, as the environment says. Uploads that presets name stay. */
export function expiryOf(
  { resultTtlMs, uploadTtlMs }: Pick<Environment, 'resultTtlMs' | 'uploadTtlMs'>,
  presets: Presets,
): Expiry {
  const kept = Object.values(presets).flatMap(({ watermark }) => watermark?.image?.upload ?? [])
  return {
    ...(resultTtlMs !== undefined && { olderThanMs: resultTtlMs }),
    ...(uploadTtlMs !== undefined && { uploads: { olderThanMs: uploadTtlMs, kept } }),
  }
}

/** Writes down the jobs that have ended. Temporal keeps them for a day at the least. */
export async function keepLedgerSchedule(client: Client): Promise<void> {
  await keepSchedule(client, ledgerScheduleId, { everyMs: longestMs, workflow: 'ledger', args: [] })
}

/** Makes it what is asked for now. Two processes that start at once agree. */
async function keepSchedule(
  client: Client,
  scheduleId: string,
  { everyMs, workflow, args }: { everyMs: number; workflow: string; args: unknown[] },
): Promise<void> {
  const schedule = {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflow,
      workflowId: scheduleId,
      taskQueue: taskQueues.orchestration,
      args,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP },
  }
  try {
    await client.schedule.create({ scheduleId, ...schedule })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await client.schedule.getHandle(scheduleId).update((before) => ({ ...before, ...schedule }))
  }
}

async function removeSchedule(client: Client, scheduleId: string): Promise<void> {
  await client.schedule
    .getHandle(scheduleId)
    .delete()
    .catch((error: unknown) => {
      if (!(error instanceof ScheduleNotFoundError)) throw error
    })
}
