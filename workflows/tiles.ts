import type { TilesJob, TilesResult } from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'

/** Photos in one step: long enough to be worth a round trip, short enough to lose little when a worker dies. */
const batchSize = 100
/** Skipped photos that the result names. */
const namedAtMost = 100

/** Adds photos to a tile library. The workflow's ID is the job's ID. */
export async function tiles({ library, sources, count, webhook }: TilesJob): Promise<TilesResult> {
  const result: TilesResult = { library, added: 0, duplicates: 0, skipped: [], size: 0 }

  return await runJob({ stages: ['index-tiles'], webhook }, async (step) => {
    for (let start = 0; start < count; start += batchSize) {
      const end = Math.min(start + batchSize, count)
      const summary = `photos ${start + 1} to ${end} of ${count} into "${library}"`
      const nameAtMost = namedAtMost - result.skipped.length
      const batch = { library, sources, start, count: end - start, nameAtMost }
      const indexed = await step('index-tiles', summary, batch)
      result.added += indexed.added
      result.duplicates += indexed.duplicates
      result.skipped.push(...indexed.skipped)
      result.size = indexed.size
    }
    return result
  })
}
