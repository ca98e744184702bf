/** Runs a job to its end: succeeded, canceled or failed. */
import {
  ApplicationFailure,
  CancellationScope,
  getRandomStream,
  isCancellation,
  log,
  metricMeter,
  patched,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { JobRecord } from '../activities/keep-record.ts'
import type { JobStatus } from './contract/job.ts'
import { jobStatus } from './contract/search-attributes.ts'
import { taskQueues } from './contract/task-queues.ts'
import { type JobFailure, jobFailure } from './job-failure.ts'
import { type JobProgress, type ReportItems, type TakeStep, trackProgress } from './job-progress.ts'
import { type StepName, steps } from './steps.ts'
import { type WebhookNews, webhook as webhookWorkflow } from './webhook.ts'

export interface JobOptions {
  /** The steps that its progress counts, in execution order. */
  stages: readonly StepName[]
  /** Whether its steps stage intermediate results in the store, which are discarded at the end. Default true. */
  stagesWork?: boolean
  /** URL to notify at the end. */
  webhook?: string | undefined
}

/**
 * Runs the body and publishes how it goes: progress in the memo, status in a search attribute, which lists query, and both in
 * words for the Web UI.
 *
 * @throws {ApplicationFailure} with the failed step's code as type, a sentence as message and `{stage, retryable}` as
 * first detail. `retryable` says whether a replay may succeed.
 */
export async function runJob<T>(
  options: JobOptions,
  body: (step: TakeStep, report: ReportItems) => Promise<T>,
): Promise<T> {
  const progress = trackProgress(options.stages)
  setStatus('processing')
  try {
    const result = await body(progress.step, progress.report)
    await endSucceeded(progress, options)
    return result
  } catch (error) {
    if (isCancellation(error)) {
      await endCanceled(progress, options)
      throw error
    }
    const failure = jobFailure(error, progress.stage)
    await endFailed(progress, options, failure)
    throw ApplicationFailure.create({
      ...{ message: failure.message, type: failure.type, nonRetryable: true },
      details: [{ stage: progress.stage, retryable: failure.retryable }],
      ...(error instanceof Error && { cause: error }),
    })
  }
}

async function endSucceeded({ startedAt }: JobProgress, options: JobOptions): Promise<void> {
  const { stages, stagesWork = true, webhook } = options
  setStatus('succeeded')
  reportEnd('succeeded', startedAt)
  if (stagesWork) await bestEffort(steps['discard-work'])
  setCurrentDetails(`Done: ${stages.join(', ')}.`)
  if (webhook) await announce(webhook, 'succeeded')
}

async function endCanceled({ stage, startedAt }: JobProgress, { webhook }: JobOptions): Promise<void> {
  setCurrentDetails(`Canceled during **${stage}**.`)
  await bestEffort(steps.withdraw)
  setStatus('canceled')
  reportEnd('canceled', startedAt)
  await keepRecord('canceled', startedAt)
  if (webhook) await announce(webhook, 'canceled')
}

/** Keeps what the steps have staged: a replay resumes from it. */
async function endFailed(
  { stage, startedAt }: JobProgress,
  { webhook }: JobOptions,
  failure: JobFailure,
): Promise<void> {
  const { type: code, message, retryable } = failure
  setStatus('failed')
  reportEnd('failed', startedAt, { stage, code, reason: message })
  setCurrentDetails(
    `Failed at **${stage}**: ${message} (\`${code}\`). ` +
      (retryable ? 'A replay may succeed.' : 'A replay would fail the same way.'),
  )
  await keepRecord('failed', startedAt, { ...failure, ...(stage && { stage }) })
  if (webhook) await announce(webhook, 'failed', { code, message })
}

function setStatus(status: JobStatus): void {
  upsertSearchAttributes([{ key: jobStatus, value: status }])
}

/** Logs and counts the end. The SDK suppresses both while a history is replayed, so nothing is reported twice. */
function reportEnd(status: JobStatus, startedAt: string, why: Record<string, unknown> = {}): void {
  const { workflowType: type, startTime } = workflowInfo()
  const seconds = (Date.now() - startTime.getTime()) / 1000
  const waited = (Date.parse(startedAt) - startTime.getTime()) / 1000
  log.info(`${type} ${status}`, { status, seconds, waited, ...why })
  const meter = metricMeter.withTags({ type, status })
  meter.createCounter('mosaicme_jobs_finished', undefined, 'Finished jobs, by status.').add(1)
  meter
    .createHistogram(
      'mosaicme_job_duration_seconds',
      'float',
      undefined,
      'Time from accepting a job to its end.',
    )
    .record(seconds)
}

/**
 * Runs a closing step, shielded from cancellation. If it fails for as long as `steps.ts` lets it, the job's outcome stands:
 * leftovers cost a little space, which is no reason to fail a job that has its result.
 */
async function bestEffort(close: (job: { jobId: string }) => Promise<unknown>): Promise<void> {
  const { workflowId: jobId } = workflowInfo()
  try {
    await CancellationScope.nonCancellable(() => close({ jobId }))
  } catch (error) {
    log.warn('a closing step of this job failed', { error })
  }
}

/**
 * Records how a job ended without a result, because its history will expire.
 *
 * Jobs that started before this step existed end without it: see docs/changing-a-workflow.md.
 */
async function keepRecord(
  status: 'failed' | 'canceled',
  startedAt: string,
  failure?: JobFailure & { stage?: string },
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
  await bestEffort(() => steps['keep-record'](record))
}

/**
 * For the ID of a webhook's workflow, since a replayed job ends again. Not the ID of the run, which a reset changes: a command may
 * only depend on what is in the history. A stream of its own, because traces draw the IDs of their spans from the common one.
 */
const randomUuid = () => getRandomStream('webhook').uuid4()

/** Delivers the webhook in a workflow of its own, so that a receiver that is down for hours does not keep the job open. */
async function announce(
  url: string,
  status: JobStatus,
  error?: { code: string; message: string },
): Promise<void> {
  const { workflowId: jobId, runId } = workflowInfo()
  const at = new Date().toISOString()
  const news: WebhookNews = { url, jobId, runId, status, at, ...(error && { error }) }
  await CancellationScope.nonCancellable(() =>
    startChild(webhookWorkflow, {
      workflowId: `webhook-${jobId}-${patched('webhook-uuid') ? randomUuid() : runId}`,
      taskQueue: taskQueues.orchestration,
      args: [news],
      parentClosePolicy: 'ABANDON',
      staticSummary: `${jobId} ${status}, to ${new URL(url).host}`,
    }),
  )
}
