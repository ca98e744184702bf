/**
 * Replays a failed job: Temporal resets its workflow to just before the step that failed. Steps that were done stay
 * done, the job keeps its ID, and the failed run stays to be looked at in the Temporal Web UI.
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

/** temporal.api.enums.v1.ResetReapplyExcludeType: whoever replays a job wants it to run, whoever once canceled it. */
const exceptCancelRequests = 4

/** Seconds for a reset: the server copies the history's tree and rebuilds the state up to the reset point. */
const resetSeconds = 15

/**
 * A repeat is a no-op: a job that runs already is left to run, and of many at once one is done. Temporal itself sees
 * to that: all of them reset the same failed run under the same request ID.
 *
 * @throws {Problem} `not_failed` when the job has succeeded or was canceled
 * @throws WorkflowNotFoundError when Temporal knows no such job
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
        workflowTaskFinishEventId: status.name === 'COMPLETED' ? gatheringOf(history) : resetPoint(history),
        requestId: `replay-${runId}`,
        resetReapplyExcludeTypes: [exceptCancelRequests],
      }),
    resetSeconds,
  )
}

/** A bulk job succeeds whatever becomes of single pictures: those can be tried again. */
async function hasFailedItems(client: Client, id: string, runId: string): Promise<boolean> {
  if (jobTypeOf(id) !== 'bulk') return false
  const result = await callTemporal(client, () => client.workflow.getHandle(id, runId).result())
  return (result as BulkResult).failed > 0
}

/** The workflow task that ordered the last gathering: done again, in another run, it deals out what failed. */
function gatheringOf({ events }: History): EventId {
  const ordered = events?.findLast(
    ({ activityTaskScheduledEventAttributes: order }) => order?.activityType?.name === 'bulkGather',
  )
  const task = ordered?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId
  if (!task) throw new Error('expected a bulk job that has gathered its results, found none')
  return task
}

export const notFailed = (id: string, status: 'COMPLETED' | 'CANCELLED') =>
  new Problem(
    'not_failed',
    `Only failed jobs can be replayed: ${id} has ${status === 'COMPLETED' ? 'succeeded' : 'been canceled'}. Nothing was replayed.`,
  )

/**
 * The workflow task that ordered the step of which the job failed: everything before it is kept. Without such a step
 * (the job was terminated, or timed out) the last task that there was: it ordered the step which was running then.
 *
 * A mosaic whose library has lost tiles would fail by the same plan again: it goes on at its first plan. Of the batches and
 * parts of a bulk job many are under way at once: it goes on at the first of those that were not done.
 */
export function resetPoint({ events }: History): EventId {
  /** By the event that ordered a step, in the order of these. */
  const orderedBy = new Map<string, EventId>()
  const batches = new Set<string>()
  /** Batches that failed, parts that did not come to a good end. */
  const undone = new Set<string>()
  let lastTask: EventId | undefined
  let failedStep: string | undefined
  let firstPlan: string | undefined
  for (const event of events ?? []) {
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
    // Written down after the failure; nothing went on.
    if (ordered?.activityType?.name === 'keepRecord') break
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes
    if (failed) failedStep = isTileMissing(failed) ? firstPlan : String(failed.scheduledEventId)
    if (failed && batches.has(String(failed.scheduledEventId))) undone.add(String(failed.scheduledEventId))
    // The job went on after that failure, so it was not its end.
    if (event.activityTaskCompletedEventAttributes) failedStep = undefined
  }
  const [firstUndone] = [...orderedBy].flatMap(([step, task]) => (undone.has(step) ? [task] : []))
  const point = firstUndone ?? ((failedStep !== undefined && orderedBy.get(failedStep)) || lastTask)
  return point ?? firstTask(events ?? [])
}

/** Other workflows that a job starts, to tell of its end, are none of its work. */
function partOf({ startChildWorkflowExecutionInitiatedEventAttributes: started }: HistoryEvent) {
  return started?.workflowType?.name === 'bulkPart' ? started : undefined
}

const isTileMissing = ({ failure }: { failure?: Failure | null }) =>
  failure?.applicationFailureInfo?.type === 'tile_missing'

/** Of a job that ended before any worker had begun it: right behind the order of its first task. */
function firstTask(events: HistoryEvent[]): EventId {
  const scheduled = events.find((event) => event.workflowTaskScheduledEventAttributes)
  if (!scheduled?.eventId) throw new Error('expected a history with a workflow task, found none')
  return scheduled.eventId.add(1)
}
