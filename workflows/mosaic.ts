import { CancellationScope, workflowInfo } from '@temporalio/workflow'
import type { EditedMosaic, MosaicJob, MosaicParams, MosaicResult, PictureSource } from './contract/job.ts'
import { runJob, type TakeStep } from './job-lifecycle.ts'
import { withLastingTiles } from './lasting-tiles.ts'
import { untilApproved } from './moderation.ts'
import { whetherPublished } from './publish.ts'
import { describeSource } from './source.ts'
import type { StepName } from './steps.ts'

/** Makes a photomosaic of a photo, or of another mosaic by changing some of its tiles. The workflow's ID is the job's ID. */
export async function mosaic(job: MosaicJob): Promise<MosaicResult> {
  const { source, params, post, webhook, review = false } = job
  const { workflowId: jobId, startTime } = workflowInfo()
  const planning: StepName[] = 'mosaic' in source ? ['edit-plan'] : ['download', 'tile-match']
  const stages: StepName[] = [...planning, 'compose', 'thumbnail', 'upload', 'cache']
  if (review) stages.splice(stages.indexOf('upload'), 0, 'ask-moderator')
  if (post) stages.push('tweet')

  return await runJob({ stages, webhook }, async (step) => {
    const made =
      'mosaic' in source ? await changed(step, source, params) : await matched(step, source, params)
    const { photo, plan, columns, rows, count, fidelity, usage, large, pyramid } = made
    const author = job.author ?? ('author' in made ? made.author : undefined)

    const shrinking = `of ${large.width} x ${large.height} px`
    const { target, ...small } = await step('thumbnail', shrinking, { jobId, large, photo })

    if (review) await untilApproved(step, { small, author, postUrl: post?.url })

    const date = startTime.toISOString()
    const cells = { columns, rows, ...(count !== undefined && { count }) }
    const about = { jobId, date, params, fidelity, cells, usage, author, post }
    const mosaic = { ...about, large, small, target, pyramid, plan }
    const published = await step(
      'upload',
      `${(large.bytes / 1e6).toFixed(1)} MB and the deep-zoom pyramid`,
      mosaic,
    )

    // The world sees it from here on: to cancel now would leave a mosaic that nobody has heard of.
    return await CancellationScope.nonCancellable(async () => {
      await step('cache', 'for everybody to see', { jobId })
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

/** Of a photo: a tile for every cell. */
async function matched(step: TakeStep, source: PictureSource, params: MosaicParams) {
  const { workflowId: jobId } = workflowInfo()
  const { library, quality, pyramid: kind, mask: where, ...look } = params
  const photo = await step('download', describeSource(source), { jobId, source })
  const mask = await maskOf(step, where)
  return await withLastingTiles(library, async () => {
    const matching = `${photo.width} x ${photo.height} px photo, tiles from "${library}"`
    const planned = await step('tile-match', matching, {
      jobId,
      photo,
      library,
      ...look,
      ...(mask && { mask }),
    })

    const cells = planned.count ?? `${planned.columns} x ${planned.rows}`
    const composing = `${cells} cells of ${look.cell} px, ${planned.tiles} different tiles`
    const over = look.cheat ? { photo } : {}
    const composed = await step('compose', composing, {
      jobId,
      plan: planned.plan,
      library,
      quality,
      kind,
      ...over,
    })
    return { photo, ...planned, ...composed }
  })
}

/** The picture that says where there are cells: fetched, where it is not in the store already. */
async function maskOf(step: TakeStep, mask: MosaicParams['mask']) {
  const { workflowId: jobId } = workflowInfo()
  if (mask === undefined || mask === 'alpha') return mask
  const { bucket, key } = await step('download', `mask: ${describeSource(mask)}`, {
    jobId,
    source: mask,
    as: 'mask',
  })
  return { bucket, key }
}

/** Of another mosaic: other tiles for some cells. What shows none of those is copied. */
async function changed(step: TakeStep, { mosaic, edits }: EditedMosaic, params: MosaicParams) {
  const { workflowId: jobId } = workflowInfo()
  const { library, quality, pyramid: kind, cheat } = params
  return await withLastingTiles(library, async () => {
    const planned = await step('edit-plan', `of ${mosaic}`, { jobId, mosaic, edits, library })

    const composing = `${planned.changed} of ${planned.columns} x ${planned.rows} cells`
    // With the photo over it, as sharp as it was kept, no part of the mosaic is as it was.
    const over = cheat ? { photo: planned.photo } : { earlier: mosaic }
    const work = { jobId, plan: planned.plan, library, quality, kind, ...over }
    const composed = await step('compose', composing, work)
    return { ...planned, ...composed }
  })
}
