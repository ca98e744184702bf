/** An accepted job: everything needed to start its workflow, and to start it again if Temporal's database is lost. */
import type { WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import type { BulkJob, JobType, MosaicJob, RemoveAuthorJob, ResizeJob, TilesJob } from './job.ts'
import { jobAuthor, jobCaller, jobSource, jobStatus, jobType } from './search-attributes.ts'
import { taskQueues } from './task-queues.ts'

export interface AcceptedJob {
  id: string
  type: JobType
  arg: MosaicJob | ResizeJob | TilesJob | RemoveAuthorJob | BulkJob
  /** What reads of the job need: parameters, metadata, the fingerprint of its request, ... */
  memo: Record<string, unknown>
  /** Origin: `api`, `legacy`, a social network's name. */
  source: string
  /** Handle of the person that it is for. */
  author?: string
  /** One line for the Web UI. */
  summary: string
  /** The fairness key: callers take turns wherever a backlog builds up. */
  caller: string
  /** Name of the API key that requested it, and whose lists show it. */
  tenant?: string
}

/** Temporal's limit, bytes. Callers are ASCII. */
const longestFairnessKey = 64

/** Rejects an ID that is or was in use: Temporal's own uniqueness of IDs deduplicates repeated requests. */
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
    // Steps inherit it: wherever they queue up, callers take turns, however many jobs each of them has.
    priority: { fairnessKey: job.caller.slice(0, longestFairnessKey) },
  }
}

/** Whether it is a single step for which the caller usually waits: a resize whose picture is in the store already. */
export const takesShortPath = ({ type, arg }: Pick<AcceptedJob, 'type' | 'arg'>): boolean =>
  type === 'resize' && !('url' in (arg as ResizeJob).source)

/** Whether the accepted job is also written to the store. On the short path that would cost more than it is worth. */
export const isWrittenDown = (job: Pick<AcceptedJob, 'type' | 'arg'>): boolean => !takesShortPath(job)
