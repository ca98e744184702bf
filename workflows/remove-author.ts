import { workflowInfo } from '@temporalio/workflow'
import type { FoundMosaics } from '../activities/find-mosaics.ts'
import type { RemadeMosaics } from '../activities/remake-mosaics.ts'
import type { RemoveAuthorJob, TilesResult } from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'
import type { ReportItems, TakeStep } from './job-progress.ts'
import { steps } from './steps.ts'

/** `remake-mosaics` steps at most: with more mosaics, each step takes several, so that the history stays small. */
const stepsAtMost = 300
/** Failures listed in the result. */
const namedAtMost = 100

/** Removes a person's tiles from a library, and from the mosaics that use them. */
export async function removeAuthor({
  library,
  removeAuthor: handle,
  webhook,
}: RemoveAuthorJob): Promise<TilesResult> {
  const { workflowId: jobId } = workflowInfo()
  const stages = ['remove-author', 'find-mosaics', 'remake-mosaics'] as const

  return await runJob({ stages, webhook }, async (step, report) => {
    const removing = `@${handle} from "${library}"`
    const { removed, size, tiles } = await step('remove-author', removing, { jobId, library, handle })

    const found = await step('find-mosaics', `using ${removed} tiles`, { jobId, tiles, round: 0 })
    let { remade, failed } = await remakeMosaics(found, step, report)
    if (remade > 0) {
      // A mosaic composed before the tiles were removed may have been published since.
      const summary = 'published meanwhile'
      const late = await steps['find-mosaics'].executeWithOptions({ summary }, [{ jobId, tiles, round: 1 }])
      const second = await remakeMosaics(late, step, report)
      remade += second.remade
      failed = second.failed
    }
    const skipped = failed.slice(0, namedAtMost)
    return { library, added: 0, duplicates: 0, skipped, size, removed, remade }
  })
}

async function remakeMosaics(
  { mosaics, count }: FoundMosaics,
  step: TakeStep,
  report: ReportItems,
): Promise<RemadeMosaics> {
  const { workflowId: jobId } = workflowInfo()
  const all: RemadeMosaics = { remade: 0, failed: [] }
  const batch = Math.max(1, Math.ceil(count / stepsAtMost))
  for (let start = 0; start < count; start += batch) {
    const end = Math.min(count, start + batch)
    const summary = `mosaics ${start + 1} to ${end} of ${count}`
    const done = await step('remake-mosaics', summary, { jobId, mosaics, start, count: end - start })
    all.remade += done.remade
    all.failed.push(...done.failed)
    report('remake-mosaics', { done: end, total: count })
  }
  return all
}
