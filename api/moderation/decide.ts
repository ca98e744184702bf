/** Carries out a moderator's decision: a photo becomes a tile or is refused; a mosaic is published or its job ends. */
import { WorkflowNotFoundError } from '@temporalio/client'
import { openAuditLog } from '../../adapters/moderation/audit-log.ts'
import { openReviewQueue, type ReviewItem } from '../../adapters/moderation/review-queue.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import type { TileSource } from '../../workflows/contract/job.ts'
import type { Decision } from '../../workflows/moderation.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { stagedList } from '../input/staged-list.ts'
import { anyTime } from '../jobs/open-jobs.ts'
import { startJob } from '../jobs/start-job.ts'
import { callTemporal } from '../jobs/temporal-call.ts'
import { Problem } from '../problems.ts'

export interface Decided {
  id: string
  decision: 'approve' | 'reject'
  /** The job that turns an approved photo into a tile, or the mosaic's own job. */
  job: string | null
}

/**
 * Idempotent: repeated after a lost response or a crash, it does what is left to do.
 *
 * @param etag of the picture that the moderator has seen, if the decision names it: a mosaic may have been planned again since
 * @throws {Problem} `review_not_found`
 */
export async function decide(
  deps: ApiDependencies,
  id: string,
  decision: Decided['decision'],
  by: string,
  etag?: string,
): Promise<Decided> {
  const queue = openReviewQueue(deps.store)
  const item = await queue.get(id)
  if (!item)
    throw new Problem(
      'review_not_found',
      `No picture with the ID ${JSON.stringify(id.slice(0, 100))} is waiting for a moderator.`,
    )
  if (etag !== undefined && etag !== item.picture.etag)
    throw new Problem(
      'review_not_found',
      `This picture of ${id} is no longer waiting for a moderator: the mosaic has changed, and another one is.`,
    )
  await openAuditLog(deps.store).append({
    at: new Date(deps.now?.() ?? Date.now()).toISOString(),
    ...{ by, action: decision, subject: id, about: aboutOf(item) },
  })
  const job =
    item.kind === 'mosaic' ? await tellJob(deps, item, decision) : await settle(deps, item, decision)
  // Unless the job has asked about another picture meanwhile.
  if ((await queue.get(id))?.picture.etag === item.picture.etag) await queue.remove(id)
  return { id, decision, job }
}

function aboutOf({ kind, library, name, author, postUrl }: ReviewItem): Record<string, string> {
  const { handle } = author ?? {}
  return {
    kind,
    ...(library !== undefined && { library }),
    ...(name !== undefined && { name }),
    ...(handle !== undefined && { handle }),
    ...(postUrl !== undefined && { post: postUrl }),
  }
}

async function tellJob(
  { client }: ApiDependencies,
  { id, picture: { etag } }: ReviewItem,
  decision: Decided['decision'],
): Promise<string> {
  const told: Decision = { approved: decision === 'approve', ...(etag !== undefined && { etag }) }
  try {
    await callTemporal(client, () => client.workflow.getHandle(id).signal('moderate', told))
  } catch (error) {
    // Already over: canceled, or signalled before.
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
  return id
}

async function settle(
  deps: ApiDependencies,
  item: ReviewItem,
  decision: Decided['decision'],
): Promise<string | null> {
  const { store } = deps
  const approved = decision === 'approve'
  await openReviewQueue(store).settle(item.id, approved ? 'approved' : 'rejected')
  const job = approved ? await addTile(deps, item) : null
  await store.delete(item.picture.bucket, item.picture.key)
  return job
}

/** Moves the photo to the prefix of the new job, which cleans it up at its end. */
async function addTile(deps: ApiDependencies, item: ReviewItem): Promise<string> {
  const { library = '', name = item.id, author } = item
  const { id } = await startJob(
    deps,
    {
      type: 'tiles',
      params: { library, photos: 1 },
      arg: async (jobId) => {
        const photo = layout.work.photo(jobId)
        await deps.store.copy(item.picture, photo).catch(async (error: unknown) => {
          // Moved by an earlier attempt.
          if (!(error instanceof ObjectNotFound && (await deps.store.head(photo.bucket, photo.key))))
            throw error
        })
        const sources = [{ source: { object: photo }, name, ...(author && { author }) }] as TileSource[]
        return {
          library,
          sources: await stagedList(deps.store, sources).stage(jobId),
          count: 1,
          approved: true,
        }
      },
      identity: [item.id],
      summary: `an approved photo for the tile library ${library}`,
    },
    // With this key, a repeated approval finds the first one's job.
    { caller: 'moderation', key: item.id, openJobs: anyTime },
  )
  return id
}
