/** A job's life as the world sees it: which step it is in, how it ended and why. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  metricMeter,
  patched,
  setCurrentDetails,
  startChild,
  TimeoutFailure,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { JobRecord } from '../activities/keep-record.ts'
import type { JobStatus, Progress } from './contract/job.ts'
import { jobStatus } from './contract/search-attributes.ts'
import { taskQueues } from './contract/task-queues.ts'
import { type StepName, type Steps, steps } from './steps.ts'
import { type WebhookNews, webhook as webhookWorkflow } from './webhook.ts'

/**
 * Takes the next step: `await step('thumbnail', 'what the Web UI says of it', input)`.
 * The news of it costs no round trip: it goes out together with the step itself.
 */
export type TakeStep = <Name extends StepName>(
  name: Name,
  summary: string,
  input: Parameters<Steps[Name]>[0],
) => ReturnType<Steps[Name]>

/** Tells how far a step is that is made of many, wherever they run. */
export type ReportItems = (name: StepName, items: { done: number; total: number }) => void

export interface JobOptions {
  /** The steps that make up its progress, in the order in which they run. */
  stages: readonly StepName[]
  /** Whether its steps stage work for one another in the store, to be discarded at the end. Default true. */
  stagesWork?: boolean
  /** Address that is told of the end. */
  webhook?: string | undefined
}

/**
 * Runs a job of these stages. Its progress goes to the memo, where a single DescribeWorkflowExecution finds it with
 * every worker down; its status to the search attributes, where lists find it; both to the Web UI in words.
 *
 * @throws {ApplicationFailure} with the failed step's code as type, a sentence as message and `{stage, retryable}` as
 * first detail. `retryable` says whether a replay may do better.
 */
export async function runJob<T>(
  { stages, stagesWork = true, webhook }: JobOptions,
  body: (step: TakeStep, report: ReportItems) => Promise<T>,
): Promise<T> {
  let stage: StepName | undefined
  const startedAt = new Date().toISOString()

  const enter = (name: StepName, items?: Progress['items']) => {
    // A step may run many times, once for each batch: that is one stage.
    if (name === stage && !items) return
    const progress: Progress = { stage: name, done: stages.indexOf(name), total: stages.length }
    upsertMemo({ progress: { ...progress, ...(items && { items }) }, startedAt })
    if (name !== stage) setCurrentDetails(describe(stages, name))
    stage = name
  }

  const step: TakeStep = (name, summary, input) => {
    enter(name)
    return steps[name].executeWithOptions({ summary }, [input] as never) as never
  }

  setStatus('processing')
  try {
    const result = await body(step, enter)
    setStatus('succeeded')
    tellEnd('succeeded', startedAt)
    if (stagesWork) await tidy(steps['discard-work'])
    setCurrentDetails(`Done: ${stages.join(', ')}.`)
    if (webhook) await announce(webhook, 'succeeded')
    return result
  } catch (error) {
    if (isCancellation(error)) {
      setCurrentDetails(`Canceled during **${stage}**.`)
      await tidy(steps.withdraw)
      setStatus('canceled')
      tellEnd('canceled', startedAt)
      await keepRecord('canceled', startedAt)
      if (webhook) await announce(webhook, 'canceled')
      throw error
    }
    const failure = jobFailure(error, stage)
    setStatus('failed')
    tellEnd('failed', startedAt, { stage, code: failure.type, reason: failure.message })
    setCurrentDetails(
      `Failed at **${stage}**: ${failure.message} (\`${failure.type}\`). ` +
        (failure.retryable ? 'A replay may do better.' : 'A replay would fail the same way.'),
    )
    await keepRecord('failed', startedAt, { ...failure, ...(stage && { stage }) })
    if (webhook) await announce(webhook, 'failed', { code: failure.type, message: failure.message })
    throw ApplicationFailure.create({
      message: failure.message,
      type: failure.type,
      nonRetryable: true,
      details: [{ stage, retryable: failure.retryable }],
      ...(error instanceof Error && { cause: error }),
    })
  }
}

/** The end, for the log and the metrics. Neither leaves a trace in the history, and a replay tells nothing again. */
function tellEnd(status: JobStatus, startedAt: string, why: Record<string, unknown> = {}): void {
  const { workflowType: type, startTime } = workflowInfo()
  const seconds = (Date.now() - startTime.getTime()) / 1000
  const waited = (Date.parse(startedAt) - startTime.getTime()) / 1000
  log.info(`${type} ${status}`, { status, seconds, waited, ...why })
  const meter = metricMeter.withTags({ type, status })
  meter.createCounter('mosaicme_jobs_finished', undefined, 'Jobs that are over.').add(1)
  meter
    .createHistogram(
      'mosaicme_job_duration_seconds',
      'float',
      undefined,
      'From a job being accepted to its end.',
    )
    .record(seconds)
}

/**
 * Takes away what only the running job needed; after a failure nothing, since a replay goes on from there. What is left
 * behind costs a little space: no reason to fail a job whose result is there, nor to let a cancellation in.
 */
async function tidy(takeAway: (job: { jobId: string }) => Promise<unknown>): Promise<void> {
  const { workflowId: jobId } = workflowInfo()
  try {
    await CancellationScope.nonCancellable(() => takeAway({ jobId }))
  } catch (error) {
    log.warn('the work of this job could not be discarded', { error })
  }
}

/**
 * A result outlives the job's history, a failure would not: so it is written down. Best effort, like all tidying.
 *
 * Jobs that began before this was added end without it: see docs/changing-a-workflow.md.
 */
async function keepRecord(
  status: 'failed' | 'canceled',
  startedAt: string,
  failure?: { type: string; message: string; retryable: boolean; stage?: string },
): Promise<void> {
  if (!patched('keep-record')) return
  const { workflowId: id, startTime, memo } = workflowInfo()
  const { params = {}, metadata } = (memo ?? {}) as Partial<Pick<JobRecord, 'params' | 'metadata'>>
  const { type: code, ...rest } = failure ?? {}
  const record = {
    ...{ id, status, params, startedAt },
    ...(metadata && { metadata }),
    ...(code !== undefined && { error: { code, ...rest } as JobRecord['error'] }),
    createdAt: startTime.toISOString(),
    completedAt: new Date().toISOString(),
  } as JobRecord
  await tidy(() => steps['keep-record'](record))
}

/** Hands the news to a workflow of its own: a receiver that is down for hours keeps no job from being over. */
async function announce(
  url: string,
  status: JobStatus,
  error?: { code: string; message: string },
): Promise<void> {
  const { workflowId: jobId, runId } = workflowInfo()
  const news: WebhookNews = {
    url,
    jobId,
    runId,
    status,
    at: new Date().toISOString(),
    ...(error && { error }),
  }
  await CancellationScope.nonCancellable(() =>
    startChild(webhookWorkflow, {
      // A replayed job has another run, and ends once more.
      workflowId: `webhook-${jobId}-${runId}`,
      taskQueue: taskQueues.orchestration,
      args: [news],
      parentClosePolicy: 'ABANDON',
      staticSummary: `tells ${new URL(url).host} that ${jobId} has ${status}`,
    }),
  )
}

function setStatus(status: JobStatus): void {
  upsertSearchAttributes([{ key: jobStatus, value: status }])
}

/** `download ✓ · **tile-match** · compose · …`, for the Web UI. */
function describe(stages: readonly StepName[], current: StepName): string {
  const at = stages.indexOf(current)
  return stages.map((name, i) => (i < at ? `${name} ✓` : i === at ? `**${name}**` : name)).join(' · ')
}

function jobFailure(
  error: unknown,
  stage: string | undefined,
): { type: string; message: string; retryable: boolean } {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (cause instanceof ApplicationFailure && isCode(cause.type)) {
    return { type: cause.type, message: cause.message, retryable: !cause.nonRetryable }
  }
  if (cause instanceof TimeoutFailure) {
    return {
      type: 'step_timed_out',
      message: `The step ${stage} did not finish in time, or its worker died, in every attempt.`,
      retryable: true,
    }
  }
  // A defect's own words can hold paths and addresses: they are the operator's, in the Web UI, not the world's.
  const message = `The step ${stage} failed unexpectedly. The cause is in the Temporal Web UI.`
  return { type: 'internal', message, retryable: true }
}

/** What the steps throw on purpose has a code in snake case; a defect has its class's name, such as TypeError. */
const isCode = (type: string | undefined | null): type is string => /^[a-z][a-z0-9_]*$/.test(type ?? '')
