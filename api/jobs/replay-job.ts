/**
 * Replays a failed job: Temporal resets its workflow to just before the step that failed. Steps that were done stay
 * done, the job keeps its ID, and the failed run stays to be looked at in the Temporal Web UI.
 */
import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'
import { Problem } from '../problems.ts'
import { callTemporal } from './temporal-call.ts'

type EventId = NonNullable<NonNullable<History['events']>[number]['eventId']>
type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>

/**
 * A repeat is a no-op: a job that runs already is left to run.
 * @throws {Problem} `not_failed` when the job has succeeded or was cancelled
 * @throws WorkflowNotFoundError when Temporal knows no such job
 */
export async function replayJob(client: Client, id: string, reason: string): Promise<void> {
  const { workflowId, runId, status } = await callTemporal(client, () =>
    client.workflow.getHandle(id).describe(),
  )
  if (status.name === 'RUNNING') return
  if (status.name === 'COMPLETED' || status.name === 'CANCELLED')
    throw new Problem(
      'not_failed',
      `Expected a job that failed: ${id} has ${status.name === 'COMPLETED' ? 'succeeded' : 'been canceled'}.`,
    )
  // This very run: if somebody else was faster, the job has another run by now, and this is a no-op on the old one.
  const history = await callTemporal(client, () => client.workflow.getHandle(id, runId).fetchHistory())
  await callTemporal(client, () =>
    client.workflowService.resetWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId, runId },
      reason,
      workflowTaskFinishEventId: resetPoint(history),
      requestId: `replay-${runId || randomUUID()}`,
    }),
  )
}

/**
 * The workflow task that ordered the step which failed, and everything before it is kept; without a failed step (the
 * job was terminated, or timed out) the last one that there was.
 */
export function resetPoint({ events }: History): EventId {
  let lastTask: EventId | undefined
  const orderedBy = new Map<string, EventId>()
  let failedStep: string | undefined
  for (const event of events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) lastTask = event.eventId ?? lastTask
    const scheduled = event.activityTaskScheduledEventAttributes
    if (scheduled?.workflowTaskCompletedEventId)
      orderedBy.set(String(event.eventId), scheduled.workflowTaskCompletedEventId)
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes
    if (failed) failedStep = String(failed.scheduledEventId)
  }
  const point = (failedStep !== undefined && orderedBy.get(failedStep)) || lastTask
  if (!point) throw new Error('Expected a history with a completed workflow task, found none.')
  return point
}
