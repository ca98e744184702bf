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
import { whetherPublished } from './publish.ts'
import { describeSource } from './source.ts'
import type { StepName } from './steps.ts'

/** Makes a photomosaic of a photo, or of another mosaic by changing some of its tiles. The workflow's ID is the job's ID. */
export async function mosaic(job: MosaicJob): Promise<MosaicResult> {
  const { source, params, post, webhook, review = false } = job
  const { workflowId: jobId, startTime } = workflowInfo()

  return await runJob({ stages: stagesOf(job), webhook }, async (step) => {
    const compose =
      'mosaic' in source ? () => editMosaic(step, source, params) : await matchPhoto(step, source, params)

    const { published, fidelity, cells, usage } = await replanOnMissingTiles(params.library, async () => {
      const composed = await compose()
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
      return { published, fidelity, cells, usage }
    })

    // The mosaic is public from here on: to cancel now would leave one that nobody has heard of.
    return await CancellationScope.nonCancellable(async () => {
      await step('cache', 'for everybody to see', { jobId })
      const result: MosaicResult = { ...published, fidelity, cells, ...(usage && { usage }) }
      if (!post) return result

      const reply = { jobId, post, small: published.small }
      const publication = await step('tweet', `answer to ${post.url}`, reply).catch(whetherPublished)
      return { ...result, publication }
    })
  })
}

/** The steps of this job, in their order. */
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

/** Made from a photo, which is downloaded once: the best tile for every cell. */
async function matchPhoto(
  step: TakeStep,
  source: PictureSource,
  params: MosaicParams,
): Promise<() => Promise<UnpublishedMosaic>> {
  const { workflowId: jobId } = workflowInfo()
  const { library, quality, pyramid: kind, mask: maskSource, ...look } = params
  const photo = await step('download', describeSource(source), { jobId, source })
  const mask = await downloadMask(step, maskSource)

  return async () => {
    const matching = `${photo.width} x ${photo.height} px photo, tiles from "${library}"`
    const matched = { jobId, photo, library, ...look, ...(mask && { mask }) }
    const planned = await step('tile-match', matching, matched)

    const { plan, columns, rows, count, tiles } = planned
    const composing = `${count ?? `${columns} x ${rows}`} cells of ${look.cell} px, ${tiles} different tiles`
    const overlay = look.cheat ? { photo } : {}
    const composed = await step('compose', composing, { jobId, plan, library, quality, kind, ...overlay })
    return { photo, ...planned, ...composed, cells: cellsOf(planned) }
  }
}

/** The picture that says where there are cells: downloaded, unless it is the photo's own transparency. */
async function downloadMask(step: TakeStep, mask: MosaicParams['mask']) {
  if (mask === undefined || mask === 'alpha') return mask
  const { workflowId: jobId } = workflowInfo()
  const wanted = { jobId, source: mask, as: 'mask' as const }
  const { bucket, key } = await step('download', `mask: ${describeSource(mask)}`, wanted)
  return { bucket, key }
}

/** Made from another mosaic: some cells get other tiles, and what shows none of those is copied. */
async function editMosaic(
  step: TakeStep,
  { mosaic, edits }: EditedMosaic,
  params: MosaicParams,
): Promise<UnpublishedMosaic> {
  const { workflowId: jobId } = workflowInfo()
  const { library, quality, pyramid: kind, cheat } = params
  const planned = await step('edit-plan', `of ${mosaic}`, { jobId, mosaic, edits, library })

  const { plan, columns, rows, changed, photo } = planned
  const composing = `${changed} of ${columns} x ${rows} cells`
  // Nothing can be copied where the photo is laid over the mosaic: it is only kept small, so every pixel changes.
  const basis = cheat ? { photo } : { earlier: mosaic }
  const composed = await step('compose', composing, { jobId, plan, library, quality, kind, ...basis })
  return { ...planned, ...composed, cells: cellsOf(planned) }
}

const cellsOf = ({ columns, rows, count }: PlannedMosaic): MosaicCells => ({
  ...{ columns, rows },
  ...(count !== undefined && { count }),
})
