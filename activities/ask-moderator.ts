/** Ask moderator: puts a finished mosaic into the review queue. The workflow waits for the decision, not this step. */
import { openReviewQueue } from '../adapters/moderation/review-queue.ts'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import type { ObjectRef } from './objects.ts'

export interface AskModeratorInput {
  jobId: string
  small: ObjectRef
  author?: { name?: string; handle?: string } | undefined
  postUrl?: string | undefined
}

export interface AskedModerator {
  /** Names the picture that the question, and so the decision, is about. */
  etag: string
}

export function createAskModerator({ store }: { store: ObjectStore }) {
  const queue = openReviewQueue(store)

  /** @returns nothing if there is nobody to ask for */
  return async function askModerator({
    jobId,
    small,
    author,
    postUrl,
  }: AskModeratorInput): Promise<AskedModerator | undefined> {
    // The job was deleted or canceled while this step was queued: do not ask.
    const tombstone = layout.tombstone(jobId)
    if (await store.head(tombstone.bucket, tombstone.key)) return undefined
    const { bucket, key } = small
    const picture = await store.head(bucket, key)
    if (!picture) throw new ObjectNotFound(bucket, key)
    const { etag } = picture
    await queue.ask({
      ...{ id: jobId, kind: 'mosaic', at: new Date().toISOString(), contentType: 'image/jpeg' },
      picture: { bucket, key, etag },
      ...(author && { author }),
      ...(postUrl !== undefined && { postUrl }),
    })
    return { etag }
  }
}
