import { executeChild, ParentClosePolicy, workflowInfo } from '@temporalio/workflow'
import type { BulkJob, BulkResult, ItemCounts } from './contract/job.ts'
import { taskQueues } from './contract/task-queues.ts'
import { runJob } from './job-lifecycle.ts'
import type { ReportItems, TakeStep } from './job-progress.ts'
import { slidingWindow } from './sliding-window.ts'
import { steps } from './steps.ts'

/** Pictures per batch: Temporal's 28 ms of CPU per step are small next to about a second of resizing. */
const picturesInBatch = 50
/** Batches in flight: enough for the cores of several workers, few enough that a crash loses little work. */
const batchesAtOnce = 8
/** Batches per history, at about seven events each. */
const batchesInHistory = 100
/** Parts in flight: while one finishes its last batches, the other keeps the workers busy. */
const partsAtOnce = 2
/** Progress advances part by part, so aim for about forty parts, unless their histories would grow too long. */
const batchesInPart = (batches: number) =>
  Math.min(2 * batchesInHistory, Math.max(10, Math.ceil(batches / 40)))

/**
 * Resizes many pictures. The workflow's ID is the job's ID.
 *
 * A picture that fails does not stop the others; the manifest says why it failed. Replaying the job resets it to
 * `bulk-gather`, which puts the failed pictures into new batches: another round.
 */
export async function bulk(job: BulkJob): Promise<BulkResult> {
  const { workflowId: jobId } = workflowInfo()
  const { source, batchSize = picturesInBatch, webhook } = job
  const stages = ['bulk-plan', 'bulk-resize', 'bulk-gather'] as const

  return await runJob({ stages, stagesWork: false, webhook }, async (step, report) => {
    const plan = await step('bulk-plan', describeSource(job), { jobId, source, batchSize })
    let round: Round = { number: 0, batches: plan.batches, pictures: plan.items }
    for (;;) {
      await resizeRound(job, round, step, report)

      const input = { jobId, batchSize, items: plan.items, round: round.number }
      const gathered = await step('bulk-gather', `${plan.items} pictures`, input)
      if ('result' in gathered) return gathered.result
      const { batches } = gathered
      round = { number: round.number + 1, batches, pictures: batches * batchSize }
    }
  })
}

/** Pictures to resize, in batches: numbered files in the store. */
interface Round {
  /** 0 at first; each replay adds one. */
  number: number
  batches: number
  /** Exact in the first round, an upper bound afterwards: the last batch may not be full. */
  pictures: number
}

/** Resizes the batches of a round: in this workflow if they fit into its history, otherwise in child workflows. */
async function resizeRound(
  { params, partSize }: BulkJob,
  { number: round, batches, pictures: total }: Round,
  step: TakeStep,
  report: ReportItems,
): Promise<void> {
  const { workflowId: jobId, runId: run } = workflowInfo()
  let done = 0
  const addDone = ({ succeeded, failed }: ItemCounts) => {
    done += succeeded + failed
    report('bulk-resize', { done, total })
  }
  addDone({ succeeded: 0, failed: 0 })

  if (batches <= (partSize ?? batchesInHistory)) {
    await slidingWindow(batches, batchesAtOnce, async (batch) => {
      const summary = `batch ${batch + 1} of ${batches}`
      addDone(await step('bulk-resize', summary, { jobId, run, round, batch, params }))
    })
    return
  }

  const size = partSize ?? batchesInPart(batches)
  await slidingWindow(Math.ceil(batches / size), partsAtOnce, async (part) => {
    const from = part * size
    const to = Math.min(batches, from + size)
    const counts = await executeChild(bulkPart, {
      workflowId: `part-${round}-${part}-of-${jobId}`,
      taskQueue: taskQueues.orchestration,
      args: [{ jobId, run, round, from, to, params }],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `batches ${from + 1} to ${to} of ${batches}`,
    })
    addDone(counts)
  })
}

export interface BulkPart {
  jobId: string
  /** The run of the job's workflow that this part belongs to. */
  run: string
  round: number
  /** Batches `from` .. `to`, excluding `to`. */
  from: number
  to: number
  params: BulkJob['params']
}

/** Resizes some batches of a bulk job in a history of its own. */
export async function bulkPart({ from, to, ...part }: BulkPart): Promise<ItemCounts> {
  const sum: ItemCounts = { succeeded: 0, failed: 0 }
  await slidingWindow(to - from, batchesAtOnce, async (index) => {
    const batch = from + index
    const summary = `batch ${batch + 1}`
    const counts = await steps['bulk-resize'].executeWithOptions({ summary }, [{ ...part, batch }])
    sum.succeeded += counts.succeeded
    sum.failed += counts.failed
  })
  return sum
}

function describeSource({ source }: BulkJob): string {
  if ('prefix' in source) return `${source.prefix.bucket}/${source.prefix.key}…`
  return 'zip' in source ? 'a zip' : `${source.count} pictures`
}
