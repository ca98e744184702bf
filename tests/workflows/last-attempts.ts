import type { WorkflowHandle } from '@temporalio/client'

type Events = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']

/** How often each step of a history is attempted at most, by activity; 0: for as long as it takes. */
export function lastAttempts(events: Events): Record<string, number> {
  const attempts: Record<string, number> = {}
  for (const { activityTaskScheduledEventAttributes: step } of events ?? []) {
    if (!step) continue
    const endsAnyway = Number(step.scheduleToCloseTimeout?.seconds ?? 0) > 0
    attempts[step.activityType!.name!] = endsAnyway ? 1 : (step.retryPolicy?.maximumAttempts ?? 0)
  }
  return attempts
}
