import { CancellationScope, workflowInfo } from '@temporalio/workflow'
import type { ComposedMosaic } from '../activities/compose.ts'
import type { EditedMosaic as EditedPlan } from '../activities/edit-plan.ts'
import type { PlannedMosaic } from '../activities/planned-mosaic.ts'
import type {
  EditedMosaic,
  MosaicCells,
  MosaicJob,
  MosaicParams,
  MosaicResult,
  PictureSource,
} from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'
import type { TakeStep } from './job-progress.ts'
import { replanOnMissingTiles } from './missing-tiles.ts'
import { untilApproved } from './moderation.ts'
import { publicationAfterFailure } from './publish.ts'
import { describeSource } from './source.ts'
import type { StepName } from './steps.ts'

/** Makes a photomosaic of a photo, or a new version of a mosaic with some tiles changed. The workflow's ID is the job's ID. */
export async function mosaic(job: MosaicJob): Promise<MosaicResult> {
  const { source, params, post, webhook, review = false } = job
  const { workflowId: jobId, startTime } = workflowInfo()

  return await runJob({ stages: stagesOf(job), webhook }, async (step) => {
    const composed =
      'mosaic' in source ? await editMosaic(step, source, params) : await matchPhoto(step, source, params)
    const { photo, plan, cells, fidelity, usage, large, pyramid } = composed
    const author = job.author ?? composed.author

    const shrinking = `of ${large.width} x ${large.height} px`
    const { target, ...small } = await step('thumbnail', shrinking, { jobId, large, photo })

    if (review) await untilApproved(step, { small, author, postUrl: post?.url })

    const uploading = `${(large.bytes / 1e6).toFixed(1)} MB and the deep-zoom pyramid`
    const published = await step('upload', uploading, {
      ...{ jobId, date: startTime.toISOString(), params, author, post },
      ...{ fidelity, cells, usage, large, small, target, pyramid, plan },
    })

    // The mosaic is public from here on: cancelling now would leave it published, but missing from the gallery.
    return await CancellationScope.nonCancellable(async () => {
      await step('cache', 'entry in the gallery', { jobId })
      const result: MosaicResult = { ...published, fidelity, cells, ...(usage && { usage }) }
      if (!post) return result

      const reply = { jobId, post, small: published.small }
      const publication = await step('tweet', `reply to ${post.url}`, reply).catch(publicationAfterFailure)
      return { ...result, publication }
    })
  })
}

/** The steps of this job, in execution order. */
const stagesOf = ({ source, review, post }: MosaicJob): StepName[] => [
  ...('mosaic' in source ? (['edit-plan'] as const) : (['download', 'tile-match'] as const)),
  ...(['compose', 'thumbnail'] as const),
  ...(review ? (['ask-moderator'] as const) : []),
  ...(['upload', 'cache'] as const),
  ...(post ? (['tweet'] as const) : []),
]

/** A mosaic that has been planned and composed, but not published. */
interface UnpublishedMosaic
  extends ComposedMosaic,
    Pick<EditedPlan, 'plan' | 'fidelity' | 'usage' | 'photo' | 'author'> {
  cells: MosaicCells
}

/** From a photo: the best tile for every cell. */
async function matchPhoto(
  step: TakeStep,
  source: PictureSource,
  params: MosaicParams,
): Promise<UnpublishedMosaic> {
  const { workflowId: jobId } = workflowInfo()
  const { library, quality, pyramid: kind, mask: maskSource, ...look } = params
  const photo = await step('download', describeSource(source), { jobId, source })
  const mask = await downloadMask(step, maskSource)

  return await replanOnMissingTiles(library, async () => {
    const matching = `${photo.width} x ${photo.height} px photo, tiles from "${library}"`
    const matched = { jobId, photo, library, ...look, ...(mask && { mask }) }
    const planned = await step('tile-match', matching, matched)

    const { plan, columns, rows, count, tiles } = planned
    const composing = `${count ?? `${columns} x ${rows}`} cells of ${look.cell} px, ${tiles} different tiles`
    const overlay = look.cheat ? { photo } : {}
    const composed = await step('compose', composing, { jobId, plan, library, quality, kind, ...overlay })
    return { photo, ...planned, ...composed, cells: cellsOf(planned) }
  })
}

/** The picture that says where cells go: downloaded, unless it is the photo's own transparency. */
async function downloadMask(step: TakeStep, mask: MosaicParams['mask']) {
  if (mask === undefined || mask === 'alpha') return mask
  const { workflowId: jobId } = workflowInfo()
  const wanted = { jobId, source: mask, as: 'mask' as const }
  const { bucket, key } = await step('download', `mask: ${describeSource(mask)}`, wanted)
  return { bucket, key }
}

/** From another mosaic: some cells get other tiles, and areas that show none of these are copied. */
async function editMosaic(
  step: TakeStep,
  { mosaic, edits }: EditedMosaic,
  params: MosaicParams,
): Promise<UnpublishedMosaic> {
  const { workflowId: jobId } = workflowInfo()
  const { library, quality, pyramid: kind, cheat } = params

  return await replanOnMissingTiles(library, async () => {
    const planned = await step('edit-plan', `of ${mosaic}`, { jobId, mosaic, edits, library })

    const { plan, columns, rows, changed, photo } = planned
    const composing = `${changed} of ${columns} x ${rows} cells`
    // Nothing can be copied if the photo is blended in: only a small copy of it was kept, so every pixel changes.
    const basis = cheat ? { photo } : { earlier: mosaic }
    const composed = await step('compose', composing, { jobId, plan, library, quality, kind, ...basis })
    return { ...planned, ...composed, cells: cellsOf(planned) }
  })
}

const cellsOf = ({ columns, rows, count }: PlannedMosaic): MosaicCells => ({
  ...{ columns, rows },
  ...(count !== undefined && { count }),
})
