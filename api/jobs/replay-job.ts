/**
 * Replays a failed job by resetting its workflow to just before the step that failed. Finished steps are kept, the job keeps its
 * ID, and the failed run can still be inspected in the Temporal Web UI.
 */
import type { Client } from '@temporalio/client'
import { openReviewQueue } from '../../adapters/moderation/review-queue.ts'
import type { BulkResult } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { jobTypeOf } from './job-id.ts'
import { callTemporal } from './temporal-call.ts'

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>
type HistoryEvent = NonNullable<History['events']>[number]
type EventId = NonNullable<HistoryEvent['eventId']>
type Failure = NonNullable<NonNullable<HistoryEvent['activityTaskFailedEventAttributes']>['failure']>

/** temporal.api.enums.v1.ResetReapplyExcludeType: what came after the reset point and must not come again. */
const except = {
  signals: 1,
  /** A replay must run even if the job was once cancelled. */
  cancelRequests: 4,
}

/** Deadline for a reset, seconds: the server copies the history and rebuilds the state up to the reset point. */
const resetSeconds = 15

/**
 * Idempotent: does nothing for a running job, and concurrent calls replay it once, because all of them reset the same failed run
 * with the same request ID.
 *
 * @throws {Problem} `not_failed` if the job has succeeded or was canceled
 * @throws WorkflowNotFoundError if Temporal does not have the job
 */
export async function replayJob(
  { client, store }: Pick<ApiDependencies, 'client' | 'store'>,
  id: string,
  reason: string,
): Promise<void> {
  const { workflowId, runId, status } = await callTemporal(client, () =>
    client.workflow.getHandle(id).describe(),
  )
  if (status.name === 'RUNNING' || status.name === 'PAUSED') return
  if (status.name === 'CANCELLED') throw notFailed(id, status.name)
  if (status.name === 'COMPLETED' && !(await hasFailedItems(client, id, runId)))
    throw notFailed(id, status.name)
  const history = await callTemporal(client, () => client.workflow.getHandle(id, runId).fetchHistory())
  const task =
    status.name === 'COMPLETED'
      ? lastGather(history)
      : isPinned(history)
        ? firstTask(history)
        : resetPoint(history)
  const isAskedAgain = asksModerator(history, task)
  // It would show the picture that the job is about to replace.
  if (isAskedAgain) await openReviewQueue(store).remove(id)
  await callTemporal(
    client,
    () =>
      client.workflowService.resetWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, runId },
        reason,
        workflowTaskFinishEventId: task,
        requestId: `replay-${runId}`,
        resetReapplyExcludeTypes: [except.cancelRequests, ...(isAskedAgain ? [except.signals] : [])],
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
 * Whether the job is bound to the build of the workers that it ran on, by its first workflow task. That build may be gone, so such
 * a job, a resize of one or two steps, starts over on the current one.
 */
const isPinned = ({ events }: History) =>
  // temporal.api.enums.v1.VersioningBehavior: 1 is pinned.
  (events ?? []).some((event) => event.workflowTaskCompletedEventAttributes?.versioningBehavior === 1)

/**
 * The workflow task that scheduled the failed step: everything before it is kept. Without a failed step (the job was terminated,
 * or timed out) it is the last task, which scheduled the step that was running.
 *
 * A mosaic whose library has lost tiles would fail by the same plan again: it goes on at its first plan. Of the batches and
 * parts of a bulk job many are under way at once: it goes on at the first of those that were not done.
 */
function resetPoint(history: History): EventId {
  /** By the event that ordered a step, in the order of these. */
  const orderedBy = new Map<string, EventId>()
  const batches = new Set<string>()
  /** Batches that failed, parts that did not come to a good end. */
  const undone = new Set<string>()
  let lastTask: EventId | undefined
  let failedStep: string | undefined
  let firstPlan: string | undefined
  for (const event of history.events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) lastTask = event.eventId ?? lastTask
    const ordered = event.activityTaskScheduledEventAttributes
    const part = partOf(event)
    const task = (ordered ?? part)?.workflowTaskCompletedEventId
    if (task) orderedBy.set(String(event.eventId), task)
    if (part) undone.add(String(event.eventId))
    const donePart = event.childWorkflowExecutionCompletedEventAttributes
    if (donePart) undone.delete(String(donePart.initiatedEventId))
    if (ordered?.activityType?.name === 'bulkResize') batches.add(String(event.eventId))
    if (/^(tileMatch|editPlan)$/.test(ordered?.activityType?.name ?? '')) firstPlan ??= String(event.eventId)
    // This step runs after the failure that ended the job.
    if (ordered?.activityType?.name === 'keepRecord') break
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes
    if (failed) failedStep = isTileMissing(failed) ? firstPlan : String(failed.scheduledEventId)
    if (failed && batches.has(String(failed.scheduledEventId))) undone.add(String(failed.scheduledEventId))
    // The job went on after that failure, so it was not its end.
    if (event.activityTaskCompletedEventAttributes) failedStep = undefined
  }
  const [firstUndone] = [...orderedBy].flatMap(([step, task]) => (undone.has(step) ? [task] : []))
  const point = firstUndone ?? ((failedStep !== undefined && orderedBy.get(failedStep)) || lastTask)
  return point ?? firstTask(history)
}

/** Whether a run that goes on at this task asks a moderator again: decisions made after it are about an earlier picture. */
const asksModerator = ({ events }: History, task: EventId) =>
  (events ?? []).some(
    ({ activityTaskScheduledEventAttributes: ordered }) =>
      ordered?.activityType?.name === 'askModerator' && ordered.workflowTaskCompletedEventId?.gte(task),
  )

/** Other workflows that a job starts, to tell of its end, are none of its work. */
function partOf({ startChildWorkflowExecutionInitiatedEventAttributes: started }: HistoryEvent) {
  return started?.workflowType?.name === 'bulkPart' ? started : undefined
}

const isTileMissing = ({ failure }: { failure?: Failure | null }) =>
  failure?.applicationFailureInfo?.type === 'tile_missing'

/** Everything from the start, also for a job that ended before any worker started it: right after its first task was scheduled. */
function firstTask({ events }: History): EventId {
  const completed = events?.find((event) => event.workflowTaskCompletedEventAttributes)
  if (completed?.eventId) return completed.eventId
  const scheduled = events?.find((event) => event.workflowTaskScheduledEventAttributes)
  if (!scheduled?.eventId) throw new Error('expected a history with a workflow task, found none')
  return scheduled.eventId.add(1)
}
