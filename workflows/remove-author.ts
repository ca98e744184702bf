import { workflowInfo } from '@temporalio/workflow'
import type { RemadeMosaics } from '../activities/remake-mosaics.ts'
import type { RemoveAuthorJob, TilesResult } from './contract/job.ts'
import { type ReportItems, runJob, type TakeStep } from './job-lifecycle.ts'
import { steps } from './steps.ts'

/** Steps that remake mosaics, at most: with more mosaics each takes several, so that the history stays small. */
const stepsAtMost = 300
/** Failures that the result names. */
const namedAtMost = 100

/** Takes a person's tiles out of a library, and out of the mosaics that were made of it. */
export async function removeAuthor({
  library,
  removeAuthor: handle,
  webhook,
}: RemoveAuthorJob): Promise<TilesResult> {
  const { workflowId: jobId } = workflowInfo()

  return await runJob(
    { stages: ['remove-author', 'find-mosaics', 'remake-mosaics'], webhook },
    async (step, report) => {
      const { removed, size, tiles } = await step('remove-author', `@${handle} from "${library}"`, {
        ...{ jobId, library, handle },
      })
      const found = await step('find-mosaics', `that use ${removed} tiles`, { jobId, tiles, round: 0 })
      let { remade, failed } = await remakeAll(found, step, report)
      if (remade > 0) {
        // Those that were composed before the tiles were gone, and published since.
        const summary = 'that were published meanwhile'
        const late = await steps['find-mosaics'].executeWithOptions({ summary }, [{ jobId, tiles, round: 1 }])
        const second = await remakeAll(late, step, report)
        remade += second.remade
        failed = second.failed
      }
      const skipped = failed.slice(0, namedAtMost)
      return { library, added: 0, duplicates: 0, skipped, size, removed, remade }
    },
  )

  async function remakeAll(
    { mosaics, count }: { mosaics: RemakeList; count: number },
    step: TakeStep,
    report: ReportItems,
  ): Promise<RemadeMosaics> {
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
}

type RemakeList = Parameters<(typeof steps)['remake-mosaics']>[0]['mosaics']
