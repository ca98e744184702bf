/**
 * Replays a failed job by resetting its workflow to just before the step that failed. Finished steps are kept, the job keeps its
 * ID, and the failed run can still be inspected in the Temporal Web UI.
 */
import type { Client } from '@temporalio/client'
import type { BulkResult } from '../../workflows/contract/job.ts'
import { Problem } from '../problems.ts'
import { jobTypeOf } from './job-id.ts'
import { callTemporal } from './temporal-call.ts'

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>
type HistoryEvent = NonNullable<History['events']>[number]
type EventId = NonNullable<HistoryEvent['eventId']>
type Failure = NonNullable<NonNullable<HistoryEvent['activityTaskFailedEventAttributes']>['failure']>

/** temporal.api.enums.v1.ResetReapplyExcludeType: a replay must run even if the job was once cancelled. */
const exceptCancelRequests = 4

/** Deadline for a reset, seconds: the server copies the history and rebuilds the state up to the reset point. */
const resetSeconds = 15

/**
 * Idempotent: does nothing for a running job, and concurrent calls replay it once, because all of them reset the same failed run
 * with the same request ID.
 *
 * @throws {Problem} `not_failed` if the job has succeeded or was canceled
 * @throws WorkflowNotFoundError if Temporal does not have the job
 */
export async function replayJob(client: Client, id: string, reason: string): Promise<void> {
  const { workflowId, runId, status } = await callTemporal(client, () =>
    client.workflow.getHandle(id).describe(),
  )
  if (status.name === 'RUNNING' || status.name === 'PAUSED') return
  if (status.name === 'CANCELLED') throw notFailed(id, status.name)
  if (status.name === 'COMPLETED' && !(await hasFailedItems(client, id, runId)))
    throw notFailed(id, status.name)
  const history = await callTemporal(client, () => client.workflow.getHandle(id, runId).fetchHistory())
  await callTemporal(
    client,
    () =>
      client.workflowService.resetWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, runId },
        reason,
        workflowTaskFinishEventId: status.name === 'COMPLETED' ? lastGather(history) : resetPoint(history),
        requestId: `replay-${runId}`,
        resetReapplyExcludeTypes: [exceptCancelRequests],
      }),
    resetSeconds,
  )
}

/** A bulk job succeeds even if single pictures fail, and these can be retried. */
async function hasFailedItems(client: Client, id: string, runId: string): Promise<boolean> {
  if (jobTypeOf(id) !== 'bulk') return false
  const result = await callTemporal(client, () => client.workflow.getHandle(id, runId).result())
  return (result as BulkResult).failed > 0
}

/** The workflow task that scheduled the last `bulk-gather`, which in another run makes batches of the failed pictures. */
function lastGather({ events }: History): EventId {
  const ordered = events?.findLast(
    ({ activityTaskScheduledEventAttributes: order }) => order?.activityType?.name === 'bulkGather',
  )
  const task = ordered?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId
  if (!task) throw new Error('expected the history of a bulk job to have a bulk-gather step, found none')
  return task
}

export const notFailed = (id: string, status: 'COMPLETED' | 'CANCELLED') =>
  new Problem(
    'not_failed',
    `Only failed jobs can be replayed: ${id} has ${status === 'COMPLETED' ? 'succeeded' : 'been canceled'}. Nothing was replayed.`,
  )

/**
 * The workflow task that scheduled the failed step: everything before it is kept. Without a failed step (the job was terminated,
 * or timed out) it is the last task, which scheduled the step that was running.
 *
 * A mosaic whose library has lost tiles would fail again with the same plan, so it is reset to its first planning step.
 */
export function resetPoint({ events }: History): EventId {
  const orderedBy = new Map<string, EventId>()
  let lastTask: EventId | undefined
  let failedStep: string | undefined
  let firstPlan: string | undefined
  for (const event of events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) lastTask = event.eventId ?? lastTask
    const ordered = event.activityTaskScheduledEventAttributes
    if (ordered?.workflowTaskCompletedEventId)
      orderedBy.set(String(event.eventId), ordered.workflowTaskCompletedEventId)
    if (/^(tileMatch|editPlan)$/.test(ordered?.activityType?.name ?? '')) firstPlan ??= String(event.eventId)
    // This step runs after the failure that ended the job.
    if (ordered?.activityType?.name === 'keepRecord') break
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes
    if (failed) failedStep = isTileMissing(failed) ? firstPlan : String(failed.scheduledEventId)
    // The job continued after that failure.
    if (event.activityTaskCompletedEventAttributes) failedStep = undefined
  }
  const point = (failedStep !== undefined && orderedBy.get(failedStep)) || lastTask
  return point ?? firstTask(events ?? [])
}

const isTileMissing = ({ failure }: { failure?: Failure | null }) =>
  failure?.applicationFailureInfo?.type === 'tile_missing'

/** For a job that ended before any worker started it: right after its first task was scheduled. */
function firstTask(events: HistoryEvent[]): EventId {
  const scheduled = events.find((event) => event.workflowTaskScheduledEventAttributes)
  if (!scheduled?.eventId) throw new Error('expected a history with a workflow task, found none')
  return scheduled.eventId.add(1)
}
