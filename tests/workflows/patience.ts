/** How long the steps of a job are tried, from its history: what would take minutes to watch. */
import type { WorkflowHandle } from '@temporalio/client'

export interface Patience {
  step: string
  /** Seconds from the first attempt to the last, if each fails at once. */
  span: number
  /** Infinity: there is no limit. */
  attempts: number
  /** Seconds from being scheduled, waiting for a worker included. Infinity: there is no limit. */
  inAll: number
}

export async function patienceOf(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<Patience[]> {
  const { events } = await handle.fetchHistory()
  return events!.flatMap(({ activityTaskScheduledEventAttributes: ordered }) => {
    if (!ordered) return []
    const { maximumAttempts, initialInterval, maximumInterval, backoffCoefficient } = ordered.retryPolicy!
    const attempts = maximumAttempts || Number.POSITIVE_INFINITY
    let span = 0
    let delay = seconds(initialInterval)
    for (let attempt = 1; attempt < Math.min(attempts, 1_000); attempt++) {
      span += Math.min(delay, seconds(maximumInterval))
      delay *= backoffCoefficient!
    }
    const inAll = seconds(ordered.scheduleToCloseTimeout) || Number.POSITIVE_INFINITY
    return [{ step: ordered.activityType!.name!, span: Math.min(span, inAll), attempts, inAll }]
  })
}

const seconds = (duration: { seconds?: unknown } | null | undefined) => Number(duration?.seconds ?? 0)
