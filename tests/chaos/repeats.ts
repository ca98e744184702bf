/** Repeated work, from the jobs' histories. */
import type { Client } from '@temporalio/client'

export interface Repeats {
  /** Jobs that ran more than once in Temporal. */
  jobs: number
  /** Steps that completed more than once. */
  steps: number
  /** Steps that needed more than one attempt: the work of the earlier ones was lost. */
  attempts: number
}

/** @param ids of jobs in which each step occurs once: mosaics, resizes */
export async function countRepeats(client: Client, ids: readonly string[]): Promise<Repeats> {
  const repeats: Repeats = { jobs: 0, steps: 0, attempts: 0 }
  for (const id of ids) {
    if ((await client.workflow.count(`WorkflowId = '${id}'`)).count !== 1) repeats.jobs++
    const { events } = await client.workflow.getHandle(id).fetchHistory()
    const byId = new Map((events ?? []).map((event) => [String(event.eventId), event]))
    const finished = [...byId.values()].flatMap(({ activityTaskCompletedEventAttributes: end }) =>
      end ? [end] : [],
    )
    const names = finished.map(
      ({ scheduledEventId }) =>
        byId.get(String(scheduledEventId))?.activityTaskScheduledEventAttributes?.activityType?.name,
    )
    repeats.steps += names.length - new Set(names).size
    repeats.attempts += finished.filter(
      ({ startedEventId }) =>
        (byId.get(String(startedEventId))?.activityTaskStartedEventAttributes?.attempt ?? 1) > 1,
    ).length
  }
  return repeats
}
