import { workflowInfo } from '@temporalio/workflow'
import type { TilesJob, TilesResult } from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'
import { steps } from './steps.ts'

/** Photos in one step: long enough to be worth a round trip, short enough to lose little when a worker dies. */
const batch = 100
/** Skipped photos that the result names. */
const namedAtMost = 100

/** Adds photos to a tile library. The workflow's ID is the job's ID. */
export async function tiles({ library, sources, count }: TilesJob): Promise<TilesResult> {
  const { workflowId: jobId } = workflowInfo()
  const result: TilesResult = { library, added: 0, duplicates: 0, skipped: [], size: 0 }

  const cleanUp = () => steps['discard-work']({ jobId })

  return await runJob({ stages: ['index-tiles'], cleanUp }, async (step) => {
    for (let start = 0; start < count; start += batch) {
      const end = Math.min(start + batch, count)
      const summary = `photos ${start + 1} to ${end} of ${count} into "${library}"`
      const indexed = await step('index-tiles', summary, { library, sources, start, count: end - start })
      result.added += indexed.added
      result.duplicates += indexed.duplicates
      result.skipped = [...result.skipped, ...indexed.skipped].slice(0, namedAtMost)
      result.size = indexed.size
    }
    return result
  })
}
