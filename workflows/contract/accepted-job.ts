/** A job as it was accepted: everything needed to start its workflow, and to start it again if Temporal's database is lost. */
import type { WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import type { BulkJob, JobType, MosaicJob, RemoveAuthorJob, ResizeJob, TilesJob } from './job.ts'
import { jobAuthor, jobCaller, jobSource, jobStatus, jobType } from './search-attributes.ts'
import { taskQueues } from './task-queues.ts'

export interface AcceptedJob {
  id: string
  type: JobType
  arg: MosaicJob | ResizeJob | TilesJob | RemoveAuthorJob | BulkJob
  /** What reads of the job return: parameters, metadata, the fingerprint of its request, ... */
  memo: Record<string, unknown>
  /** Where it came from: `api`, `legacy`, a social network's name. */
  source: string
  /** Handle of the person it is for. */
  author?: string
  /** One line for the Web UI. */
  summary: string
  /** The caller: where jobs queue up, callers take turns. */
  caller: string
  /** Name of the API key it was requested with. Its owner finds the job in lists. */
  tenant?: string
}

/** Bytes: a limit of Temporal's server. Callers are ASCII. */
const longestFairnessKey = 64

/** Rejects an ID that was ever used: Temporal's own uniqueness of IDs is what makes a repeated request one job. */
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
    // Its steps inherit it. Where they queue up, callers take turns, however many jobs each of them has.
    priority: { fairnessKey: job.caller.slice(0, longestFairnessKey) },
  }
}

/** Whether it is a single step, done while its caller waits: a resize whose picture came with the request. */
export const takesShortPath = ({ type, arg }: Pick<AcceptedJob, 'type' | 'arg'>): boolean =>
  type === 'resize' && !('url' in (arg as ResizeJob).source)

/** Whether an order is stored when it is accepted. On the short path it would cost more than it is worth. */
export const isWrittenDown = (job: Pick<AcceptedJob, 'type' | 'arg'>): boolean => !takesShortPath(job)
