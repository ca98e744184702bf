/** A job as it was accepted: all that it takes to start its workflow, and to start it again should Temporal's database be lost. */
import type { WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import type { BulkJob, JobType, MosaicJob, RemoveAuthorJob, ResizeJob, TilesJob } from './job.ts'
import { jobAuthor, jobCaller, jobSource, jobStatus, jobType } from './search-attributes.ts'
import { taskQueues } from './task-queues.ts'

export interface AcceptedJob {
  id: string
  type: JobType
  arg: MosaicJob | ResizeJob | TilesJob | RemoveAuthorJob | BulkJob
  /** What is told of it: parameters, metadata, the fingerprint of its request, ... */
  memo: Record<string, unknown>
  /** Which door it came in by: `api`, `legacy`, a social network's name. */
  source: string
  /** Handle of the person that it is for. */
  author?: string
  /** One line for the Web UI. */
  summary: string
  /** Who asked: where jobs queue up, these take turns. */
  caller: string
  /** Name of the key that it was asked for with: those with that key find it in their lists. */
  tenant?: string
}

/** Bytes, of a Temporal server. Callers are ASCII. */
const longestFairnessKey = 64

/** Refuses an ID that was ever taken: Temporal's own uniqueness of IDs is what makes a repeated request one job. */
export function startOptions(job: AcceptedJob): WorkflowStartOptions {
  return {
    workflowId: job.id,
    taskQueue: job.type === 'resize' ? taskQueues.resize : taskQueues.orchestration,
    args: [job.arg],
    workflowIdConflictPolicy: 'FAIL',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    memo: job.memo,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: jobType, value: job.type },
      { key: jobStatus, value: 'queued' },
      { key: jobSource, value: job.source },
      ...(job.author ? [{ key: jobAuthor, value: job.author }] : []),
      ...(job.tenant ? [{ key: jobCaller, value: job.tenant }] : []),
    ]),
    staticSummary: job.summary,
    // Its steps inherit it: where they queue up, callers take turns, however many jobs one of them has.
    priority: { fairnessKey: job.caller.slice(0, longestFairnessKey) },
  }
}

/** Whether it is one step, done while its caller waits: a resize of a picture that came along. */
export const takesShortPath = ({ type, arg }: Pick<AcceptedJob, 'type' | 'arg'>): boolean =>
  type === 'resize' && !('url' in (arg as ResizeJob).source)

/** Whether it is written down when it is accepted. One on the short path would pay more for the note than the note is worth. */
export const isWrittenDown = (job: Pick<AcceptedJob, 'type' | 'arg'>): boolean => !takesShortPath(job)
