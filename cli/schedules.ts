/** Temporal Schedules for housekeeping. */
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

/** Interval between runs: short enough that results are not kept much longer than configured. */
const shortestMs = 60_000
const longestMs = 3_600_000
export const expiryInterval = (keptMs: number) =>
  Math.min(longestMs, Math.max(shortestMs, Math.floor(keptMs / 10)))

/** Removes expired results (`RESULT_TTL`) and uploads (`UPLOAD_TTL`); what is absent never expires. */
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

/** Retention times from the environment. Uploads that presets use never expire. */
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

/** Records ended jobs. Temporal keeps them for at least a day. */
export async function keepLedgerSchedule(client: Client): Promise<void> {
  await keepSchedule(client, ledgerScheduleId, { everyMs: longestMs, workflow: 'ledger', args: [] })
}

/** Creates or updates the Schedule. Safe if two processes start at the same time. */
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
