import type { RemoveAuthorJob, TilesJob, TilesResult } from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'
import { removeAuthor } from './remove-author.ts'

/** Photos per step: enough to be worth a round trip, few enough to lose little when a worker dies. */
const batchSize = 100
/** Skipped photos listed in the result. */
const namedAtMost = 100

/** Changes a tile library: adds photos, or removes a person's tiles. The workflow's ID is the job's ID. */
export async function tiles(job: TilesJob | RemoveAuthorJob): Promise<TilesResult> {
  return 'removeAuthor' in job ? await removeAuthor(job) : await addPhotos(job)
}

async function addPhotos({ library, sources, count, approved, webhook }: TilesJob): Promise<TilesResult> {
  const result: TilesResult = { library, added: 0, duplicates: 0, skipped: [], size: 0 }

  const stagesWork = !Array.isArray(sources)
  return await runJob({ stages: ['index-tiles'], stagesWork, webhook }, async (step) => {
    for (let start = 0; start < count; start += batchSize) {
      const end = Math.min(start + batchSize, count)
      const summary = `photos ${start + 1} to ${end} of ${count} into "${library}"`
      const nameAtMost = namedAtMost - result.skipped.length
      const batch = { library, sources, start, count: end - start, nameAtMost, approved }
      const indexed = await step('index-tiles', summary, batch)
      result.added += indexed.added
      result.duplicates += indexed.duplicates
      result.skipped.push(...indexed.skipped)
      result.size = indexed.size
      if (indexed.held) result.held = (result.held ?? 0) + indexed.held
    }
    return result
  })
}
