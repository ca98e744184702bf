/** A job's JSON from one DescribeWorkflowExecution, which works while every worker is down. */
import type { WorkflowExecutionDescription } from '@temporalio/client'
import { extensionOf } from '../../adapters/object-store/layout.ts'
import { endOfRun } from '../../workflows/contract/end-of-run.ts'
import type {
  BulkResult,
  MosaicResult,
  Progress,
  ResizedObject,
  ResizeResult,
  TilesResult,
} from '../../workflows/contract/job.ts'
import type { Job, JobStatus } from '../schemas/job.ts'
import type { PendingStep, RawFailure } from './decoded-payloads.ts'
import { jobTypeOf } from './job-id.ts'
import { fileUrl, type JobLinks, jobUrl } from './job-links.ts'
import type { Outcome } from './job-outcome.ts'

/** What workflows keep in the memo; see `workflows/job-progress.ts`. */
interface JobMemo {
  params?: Record<string, unknown>
  metadata?: Record<string, string>
  parent?: string
  progress?: Progress
  startedAt?: string
}

/**
 * @param pending its pending steps; see `decoded-payloads.ts`
 * @param outcome of a finished job; see `job-outcome.ts`
 */
export function describeJob(
  description: WorkflowExecutionDescription,
  pending: readonly PendingStep[],
  outcome: Outcome | undefined,
  links: JobLinks,
): Job {
  const { workflowId: id, runId } = description
  const memo = (description.memo ?? {}) as JobMemo
  const job = {
    id,
    status: statusOf(description, memo),
    progress: progressOf(memo, pending, outcome),
    created_at: createdAt(description).toISOString(),
    started_at: memo.startedAt ?? null,
    completed_at: description.closeTime?.toISOString() ?? null,
    params: memo.params ?? {},
    error: outcome && 'error' in outcome ? outcome.error : null,
    attempts: outcome ? [] : pending.flatMap(attemptOf),
    ...(memo.metadata && { metadata: memo.metadata }),
    ...(memo.parent && { parent: memo.parent }),
    urls: urlsOf(id, links, runId, statusOf(description, memo)),
  }
  const result = outcome && 'result' in outcome ? outcome.result : undefined
  return withResult(job, result, links)
}

/** Adds the result in the form of the job's type, with store keys turned into URLs. */
export function withResult(job: Omit<Job, 'type' | 'result'>, result: unknown, links: JobLinks): Job {
  const { id } = job
  switch (jobTypeOf(id)) {
    case 'mosaic':
      return {
        ...job,
        type: 'mosaic',
        result: result ? mosaicResult(id, result as MosaicResult, links) : null,
      }
    case 'resize':
      return {
        ...job,
        type: 'resize',
        result: result ? resizeResult(id, result as ResizeResult, links) : null,
      }
    case 'bulk':
      return {
        ...job,
        type: 'bulk',
        ...(result !== undefined &&
          (result as BulkResult).failed > 0 && {
            urls: { ...job.urls, replay: `${jobUrl(links, id)}/replay` },
          }),
        result: result ? bulkResult(id, result as BulkResult, links) : null,
      }
    default:
      return { ...job, type: 'tiles', result: (result as TilesResult | undefined) ?? null }
  }
}

export const urlsOf = (id: string, links: JobLinks, runId?: string, status?: JobStatus): Job['urls'] => ({
  self: jobUrl(links, id),
  ...(jobTypeOf(id) !== 'tiles' && { result: `${jobUrl(links, id)}/result` }),
  events: `${jobUrl(links, id)}/events`,
  cancel: `${jobUrl(links, id)}/cancel`,
  ...(status === 'failed' && { replay: `${jobUrl(links, id)}/replay` }),
  ...(links.temporal && runId !== undefined && { temporal: links.temporal(id, runId) }),
})

/** A replay starts a new run, not a new job: the job was created when its first run started. */
export function createdAt({ startTime, raw }: WorkflowExecutionDescription): Date {
  const first = raw.workflowExtendedInfo?.originalStartTime
  return first ? toDate(first) : startTime
}

function statusOf({ status }: WorkflowExecutionDescription, memo: JobMemo): JobStatus {
  return endOfRun(status.name) ?? (memo.startedAt === undefined ? 'queued' : 'processing')
}

/**
 * The memo counts the job's steps; the running step's heartbeat reports its progress. A step is scheduled together with the memo
 * that names it, so if it is not pending, it is done, and the workflow is about to schedule the next one.
 */
function progressOf(
  memo: JobMemo,
  pending: readonly PendingStep[],
  outcome: Outcome | undefined,
): Job['progress'] {
  if (!memo.progress) return { stage: 'queued', done: 0, total: 0, step: 0, steps: 0 }
  const { stage, done, total: steps, items } = memo.progress
  const step = Math.min(done + 1, steps)
  if (outcome && 'result' in outcome) return { stage, done: 1, total: 1, step: steps, steps }
  const running = pending.find((activity) => stageOf(activity) === stage)
  const isOver = outcome === undefined && running === undefined
  const within = items ?? (running && heartbeatOf(running)) ?? { done: isOver ? 1 : 0, total: 1 }
  return { stage, done: within.done, total: within.total, step, steps }
}

function heartbeatOf({ heartbeat }: PendingStep): { done: number; total: number } | undefined {
  const { done, total } = (heartbeat ?? {}) as { done?: unknown; total?: unknown }
  return typeof done === 'number' && typeof total === 'number' ? { done, total } : undefined
}

/** A failed step that is being retried, visible before the job fails. */
function attemptOf(activity: PendingStep): Job['attempts'] {
  const { lastFailure, attempt, nextAttemptScheduleTime } = activity
  if (!lastFailure) return []
  const next = nextAttemptScheduleTime && toDate(nextAttemptScheduleTime)
  return [
    {
      stage: stageOf(activity),
      attempt: attempt ?? 1,
      last_error: errorOf(lastFailure),
      ...(next && { next_retry_at: next.toISOString() }),
    },
  ]
}

/** As in `workflows/job-failure.ts`: the message of a bug may contain paths, which only operators may see. */
export function errorOf(failure: RawFailure): {
  code: string
  message: string
} {
  const code = failure.applicationFailureInfo?.type ?? ''
  if (/^[a-z][a-z0-9_]*$/.test(code)) return { code, message: failure.message ?? '' }
  if (failure.timeoutFailureInfo)
    return { code: 'step_timed_out', message: 'The step did not finish in time.' }
  return { code: 'internal', message: 'The step failed unexpectedly. The cause is in the Temporal Web UI.' }
}

/** `tileMatch` is the step `tile-match`. */
export const stageOf = ({ activityType }: Pick<PendingStep, 'activityType'>) =>
  (activityType?.name ?? '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const toDate = ({ seconds, nanos }: { seconds?: unknown; nanos?: number | null }) =>
  new Date(Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6)

function mosaicResult(id: string, result: MosaicResult, links: JobLinks) {
  const { large, small, target, fidelity, cells, usage, publication } = result
  return {
    large: picture(large, fileUrl(links, id, 'large.jpg')),
    small: picture(small, fileUrl(links, id, 'small.jpg')),
    ...(target && { target: picture(target, fileUrl(links, id, 'target.jpg')) }),
    dzi: fileUrl(links, id, 'mosaic.dzi'),
    plan: fileUrl(links, id, 'plan.json'),
    ...(fidelity && { fidelity }),
    ...(cells && { cells }),
    ...(usage && { usage }),
    ...(publication && { publication }),
  }
}

const bulkResult = (
  id: string,
  { manifest, items, succeeded, failed, failures }: BulkResult,
  links: JobLinks,
) => ({
  ...{ items, succeeded, failed, failures },
  manifest: { url: `${jobUrl(links, id)}/result`, bytes: manifest.bytes },
})

const resizeResult = (id: string, { outputs, ...result }: ResizeResult, links: JobLinks) => ({
  ...resized(result, `${jobUrl(links, id)}/result`),
  ...(outputs && {
    outputs: outputs.map(({ name, ...output }) => ({
      name,
      ...resized(output, fileUrl(links, id, `${name}.${extensionOf(output.format)}`)),
    })),
  }),
})

const resized = (result: ResizedObject, url: string) => ({
  ...picture(result, url),
  format: result.format,
  sha256: result.sha256,
})

const picture = (
  { width, height, bytes }: { width: number; height: number; bytes: number },
  url: string,
) => ({
  url,
  width,
  height,
  bytes,
})
