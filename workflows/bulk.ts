import { executeChild, ParentClosePolicy, workflowInfo } from '@temporalio/workflow'
import type { BulkJob, BulkResult, ItemCounts } from './contract/job.ts'
import { taskQueues } from './contract/task-queues.ts'
import { runJob } from './job-lifecycle.ts'
import type { ReportItems, TakeStep } from './job-progress.ts'
import { slidingWindow } from './sliding-window.ts'
import { steps } from './steps.ts'

/** Pictures in a batch: Temporal's 28 ms of CPU for a step are little next to a second of resizing. */
const picturesInBatch = 50
/** Batches in progress at a time: enough for the cores of several workers, and little to do again after a crash. */
const batchesAtOnce = 8
/** Batches that fit into one history: about seven events each. */
const batchesInHistory = 100
/** Parts in progress at a time: while the last batches of one are finished, the other keeps the workers busy. */
const partsAtOnce = 2
/** A job's progress is reported part by part: in some forty steps, as long as the parts' histories have room. */
const batchesInPart = (batches: number) =>
  Math.min(2 * batchesInHistory, Math.max(10, Math.ceil(batches / 40)))

/**
 * Resizes many pictures. The workflow's ID is the job's ID.
 *
 * A picture that fails does not stop the others: the manifest says why. A replay of the job starts again at `bulk-gather`,
 * which then puts the failed pictures into new batches: another round.
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

      const gathering = { jobId, batchSize, items: plan.items, round: round.number }
      const gathered = await step('bulk-gather', `${plan.items} pictures`, gathering)
      if ('result' in gathered) return gathered.result
      const { batches } = gathered
      round = { number: round.number + 1, batches, pictures: batches * batchSize }
    }
  })
}

/** Pictures to be resized: batches in numbered files of the store. */
interface Round {
  /** 0 at first; a replay adds one. */
  number: number
  batches: number
  /** Exactly in the first round, afterwards at most: the last batch may not be full. */
  pictures: number
}

/** Resizes the batches of a round: in this workflow if its history has room for them, otherwise in child workflows. */
async function resizeRound(
  { params, partSize }: BulkJob,
  { number: round, batches, pictures: total }: Round,
  step: TakeStep,
  report: ReportItems,
): Promise<void> {
  const { workflowId: jobId, runId: run } = workflowInfo()
  let done = 0
  const tell = ({ succeeded, failed }: ItemCounts) => {
    done += succeeded + failed
    report('bulk-resize', { done, total })
  }
  tell({ succeeded: 0, failed: 0 })

  if (batches <= (partSize ?? batchesInHistory)) {
    await slidingWindow(batches, batchesAtOnce, async (batch) => {
      const summary = `batch ${batch + 1} of ${batches}`
      tell(await step('bulk-resize', summary, { jobId, run, round, batch, params }))
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
    tell(counts)
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
export async function bulkPart({ from, to, ...where }: BulkPart): Promise<ItemCounts> {
  const sum: ItemCounts = { succeeded: 0, failed: 0 }
  await slidingWindow(to - from, batchesAtOnce, async (index) => {
    const batch = from + index
    const summary = `batch ${batch + 1}`
    const counts = await steps['bulk-resize'].executeWithOptions({ summary }, [{ ...where, batch }])
    sum.succeeded += counts.succeeded
    sum.failed += counts.failed
  })
  return sum
}

function describeSource({ source }: BulkJob): string {
  if ('prefix' in source) return `${source.prefix.bucket}/${source.prefix.key}…`
  return 'zip' in source ? 'a zip' : `${source.count} pictures`
}
