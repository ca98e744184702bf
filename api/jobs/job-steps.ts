/** The steps of a job's current run, from its history: start, duration and attempts of each. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { decoded } from '../../adapters/payloads.ts'
import type { JobStep } from '../schemas/job.ts'
import { decodedFailure, type PendingStep, pendingSteps, type RawFailure } from './decoded-payloads.ts'
import { errorOf, stageOf } from './describe-job.ts'
import { callTemporal } from './temporal-call.ts'

type Handle = ReturnType<Client['workflow']['getHandle']>
type HistoryEvent = NonNullable<Awaited<ReturnType<Handle['fetchHistory']>>['events']>[number]

/** Closing steps, which are not stages of any job: see `workflows/steps.ts`. */
const housekeeping = new Set(['discard-work', 'withdraw', 'keep-record'])

/** Steps whose summaries only operators may see, in the Web UI: they contain URLs and hashes, which give access to uploads. */
const confidential = new Set(['download'])

/**
 * In scheduling order. For a replayed job: the steps that it kept and those that ran again; how it failed before is in its
 * `earlier_runs`. Empty if Temporal no longer has the job.
 */
export async function stepsOf(client: Client, id: string): Promise<JobStep[]> {
  const handle = client.workflow.getHandle(id)
  try {
    const description = await callTemporal(client, () => handle.describe())
    const { runId } = description
    const { events } = await callTemporal(client, () => client.workflow.getHandle(id, runId).fetchHistory())
    return await readSteps(client, events ?? [], await pendingSteps(client, description))
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return []
    throw error
  }
}

async function readSteps(
  client: Client,
  events: readonly HistoryEvent[],
  pending: readonly PendingStep[],
): Promise<JobStep[]> {
  /** By the ID of the event that scheduled them, and by activity ID. */
  const steps = new Map<string, JobStep>()
  const byActivity = new Map<string, JobStep>()
  const stepOf = (scheduledEventId: unknown) => steps.get(String(scheduledEventId))
  const errorIn = async (failure: unknown) => errorOf(await decodedFailure(client, failure as RawFailure))

  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes
    if (scheduled) {
      const stage = stageOf(scheduled)
      if (housekeeping.has(stage)) continue
      const summary = confidential.has(stage)
        ? undefined
        : await decoded<string>(client, event.userMetadata?.summary)
      const step: JobStep = {
        stage,
        status: 'waiting',
        ...(summary && { summary }),
        scheduled_at: moment(event.eventTime) ?? '',
        started_at: null,
        completed_at: null,
        attempts: 0,
      }
      steps.set(String(event.eventId), step)
      byActivity.set(scheduled.activityId ?? '', step)
      continue
    }
    // Written when the last attempt ends the step. Carries the failure of the attempt before it.
    const started = event.activityTaskStartedEventAttributes
    if (started) {
      const step = stepOf(started.scheduledEventId)
      if (step) {
        Object.assign(step, {
          status: 'running',
          started_at: moment(event.eventTime),
          attempts: started.attempt ?? 1,
        })
        if (started.lastFailure) step.last_error = await errorIn(started.lastFailure)
      }
      continue
    }
    const { completed, failed, timedOut, canceled } = endOf(event)
    const end = completed ?? failed ?? timedOut ?? canceled
    const step = end && stepOf(end.scheduledEventId)
    if (!step) continue
    step.completed_at = moment(event.eventTime)
    step.status = completed ? 'succeeded' : canceled ? 'canceled' : 'failed'
    const failure = failed?.failure ?? timedOut?.failure
    if (failure) step.last_error = await errorIn(failure)
  }

  for (const activity of pending) {
    const step = byActivity.get(activity.activityId ?? '')
    if (!step || step.completed_at !== null) continue
    // temporal.api.enums.v1.PendingActivityState: 2 is started, 1 waits for a worker or for its next attempt.
    const runs = activity.state === 2 || activity.state === 3
    step.attempts = activity.attempt ?? 1
    step.started_at = moment(activity.lastStartedTime)
    step.status = runs ? 'running' : activity.lastFailure ? 'retrying' : 'waiting'
    if (activity.lastFailure) step.last_error = errorOf(activity.lastFailure)
    const next = moment(activity.nextAttemptScheduleTime)
    if (step.status === 'retrying' && next) step.next_retry_at = next
  }
  return [...steps.values()]
}

const endOf = (event: HistoryEvent) => ({
  completed: event.activityTaskCompletedEventAttributes,
  failed: event.activityTaskFailedEventAttributes,
  timedOut: event.activityTaskTimedOutEventAttributes,
  canceled: event.activityTaskCanceledEventAttributes,
})

/** An event that never happened has the year 1. */
function moment(time: { seconds?: unknown; nanos?: number | null } | null | undefined): string | null {
  const seconds = Number(time?.seconds ?? 0)
  return seconds > 0 ? new Date(seconds * 1000 + (time?.nanos ?? 0) / 1e6).toISOString() : null
}
