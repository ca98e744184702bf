import { CancellationScope, workflowInfo } from '@temporalio/workflow'
import type { MosaicJob, MosaicResult } from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'
import { withLastingTiles } from './lasting-tiles.ts'
import { untilApproved } from './moderation.ts'
import { whetherPublished } from './publish.ts'
import { describeSource } from './source.ts'
import type { StepName } from './steps.ts'

/** Makes a photomosaic of a photo. The workflow's ID is the job's ID. */
export async function mosaic(job: MosaicJob): Promise<MosaicResult> {
  const { source, params, author, post, webhook, review = false } = job
  const { workflowId: jobId, startTime } = workflowInfo()
  const { library, quality, pyramid: kind, ...look } = params
  const stages: StepName[] = ['download', 'tile-match', 'compose', 'thumbnail', 'upload', 'cache']
  if (review) stages.splice(stages.indexOf('upload'), 0, 'ask-moderator')
  if (post) stages.push('tweet')

  return await runJob({ stages, webhook }, async (step) => {
    const photo = await step('download', describeSource(source), { jobId, source })

    const made = await withLastingTiles(library, async () => {
      const matching = `${photo.width} x ${photo.height} px photo, tiles from "${library}"`
      const planned = await step('tile-match', matching, { jobId, photo, library, ...look })

      const composing = `${planned.columns} x ${planned.rows} cells of ${look.cell} px, ${planned.tiles} different tiles`
      const over = look.cheat ? { photo } : {}
      const composed = await step('compose', composing, {
        jobId,
        plan: planned.plan,
        library,
        quality,
        kind,
        ...over,
      })
      return { ...planned, ...composed }
    })
    const { plan, columns, rows, fidelity, usage, large, pyramid } = made

    const shrinking = `of ${large.width} x ${large.height} px`
    const { target, ...small } = await step('thumbnail', shrinking, { jobId, large, photo })

    if (review) await untilApproved(step, { small, author, postUrl: post?.url })

    const date = startTime.toISOString()
    const cells = { columns, rows }
    const about = { jobId, date, params, fidelity, cells, usage, author, post }
    const mosaic = { ...about, large, small, target, pyramid, plan }
    const published = await step('upload', `${large.bytes} bytes and the deep-zoom pyramid`, mosaic)

    // The world sees it from here on: to cancel now would leave a mosaic that nobody has heard of.
    return await CancellationScope.nonCancellable(async () => {
      await step('cache', 'into the gallery', { jobId })
      const result: MosaicResult = { ...published, fidelity, cells, ...(usage && { usage }) }
      if (!post) return result
      const answer = await step('tweet', `answer to ${post.url}`, {
        jobId,
        post,
        small: published.small,
      }).catch((error: unknown) => whetherPublished(error))
      return { ...result, publication: answer }
    })
  })
}
