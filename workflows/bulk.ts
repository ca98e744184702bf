import { executeChild, ParentClosePolicy, workflowInfo } from '@temporalio/workflow'
import type { BulkJob, BulkResult, ItemCounts } from './contract/job.ts'
import { taskQueues } from './contract/task-queues.ts'
import { type ReportItems, runJob, type TakeStep } from './job-lifecycle.ts'
import { slidingWindow } from './sliding-window.ts'
import { steps } from './steps.ts'

/** Batches under way at a time: enough for the cores of several workers, and never much to do again after a crash. */
const windowSize = 8
/** Pictures of a batch: 28 ms of Temporal's CPU are little beside a second of resizing. */
const usualBatch = 50
/** Batches that fit into one history: about seven events each. */
const longestHistory = 100
/** A job's progress is told part by part: in some forty steps, as long as the parts' histories allow it. */
const usualPart = (batches: number) => Math.min(2 * longestHistory, Math.max(10, Math.ceil(batches / 40)))

/** Pictures that are still to be done: batches in numbered files of the store. */
interface ToDo {
  round: number
  batches: number
}

/**
 * Resizes many pictures. The workflow's ID is the job's ID.
 *
 * A picture that fails does not stop the others: the manifest tells of it, and a replay of the job, which starts again at
 * the gathering, does those alone.
 */
export async function bulk(job: BulkJob): Promise<BulkResult> {
  const { workflowId: jobId } = workflowInfo()
  const { source, batchSize = usualBatch, webhook } = job

  return await runJob(
    { stages: ['bulk-plan', 'bulk-resize', 'bulk-gather'], stagesWork: false, webhook },
    async (step, report) => {
      const plan = await step('bulk-plan', describeSource(job), { jobId, source, batchSize })
      let todo: ToDo = { round: 0, batches: plan.batches }
      for (;;) {
        await resizeAll(job, todo, plan.items, step, report)
        const gathered = await step('bulk-gather', `${plan.items} pictures`, {
          ...{ jobId, batchSize, items: plan.items, round: todo.round },
        })
        if ('result' in gathered) return gathered.result
        todo = { round: todo.round + 1, batches: gathered.batches }
      }
    },
  )
}

/** In this workflow what fits into its history, in children what does not. */
async function resizeAll(
  { params, batchSize = usualBatch, partSize }: BulkJob,
  { round, batches }: ToDo,
  items: number,
  step: TakeStep,
  report: ReportItems,
): Promise<void> {
  const { workflowId: jobId, runId } = workflowInfo()
  const total = round === 0 ? items : batches * batchSize
  let done = 0
  const count = (counts: ItemCounts) => {
    done += counts.succeeded + counts.failed
    report('bulk-resize', { done, total })
  }
  report('bulk-resize', { done, total })
  if (batches <= (partSize ?? longestHistory)) {
    return await slidingWindow(batches, windowSize, async (batch) => {
      count(
        await step('bulk-resize', `batch ${batch + 1} of ${batches}`, {
          jobId,
          run: runId,
          round,
          batch,
          params,
        }),
      )
    })
  }
  const size = partSize ?? usualPart(batches)
  // Two at a time: while the last batches of one are done, the other's are under way.
  await slidingWindow(Math.ceil(batches / size), 2, async (part) => {
    const from = part * size
    const to = Math.min(batches, from + size)
    count(
      await executeChild(bulkPart, {
        workflowId: `part-${round}-${part}-of-${jobId}`,
        taskQueue: taskQueues.orchestration,
        args: [{ jobId, run: runId, round, from, to, params }],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `batches ${from + 1} to ${to} of ${batches}`,
      }),
    )
  })
}

export interface BulkPart {
  jobId: string
  /** The run of the job's workflow that this part belongs to. */
  run: string
  round: number
  /** Batches `from` .. `to`, the last not included. */
  from: number
  to: number
  params: BulkJob['params']
}

/** Some batches of a bulk job, in a history of their own. */
export async function bulkPart({ from, to, ...which }: BulkPart): Promise<ItemCounts> {
  const sum: ItemCounts = { succeeded: 0, failed: 0 }
  await slidingWindow(to - from, windowSize, async (index) => {
    const batch = from + index
    const { succeeded, failed } = await steps['bulk-resize'].executeWithOptions(
      { summary: `batch ${batch + 1}` },
      [{ ...which, batch }],
    )
    sum.succeeded += succeeded
    sum.failed += failed
  })
  return sum
}

function describeSource({ source }: BulkJob): string {
  if ('prefix' in source) return `${source.prefix.bucket}/${source.prefix.key}…`
  return 'zip' in source ? 'a zip' : `${source.count} pictures`
}
