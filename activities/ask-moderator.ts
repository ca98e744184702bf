/** Ask moderator: puts a finished mosaic into the review queue. The workflow waits for the decision, not this step. */

import { openReviewQueue } from '../adapters/moderation/review-queue.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import type { ObjectRef } from './objects.ts'

export interface AskModeratorInput {
  jobId: string
  small: ObjectRef
  author?: { name?: string; handle?: string } | undefined
  postUrl?: string | undefined
}

export function createAskModerator({ store }: { store: ObjectStore }) {
  const queue = openReviewQueue(store)

  return async function askModerator({ jobId, small, author, postUrl }: AskModeratorInput): Promise<void> {
    // The job was deleted or canceled while this step was queued: do not ask.
    const tombstone = layout.tombstone(jobId)
    if (await store.head(tombstone.bucket, tombstone.key)) return
    await queue.ask({
      ...{ id: jobId, kind: 'mosaic', at: new Date().toISOString(), contentType: 'image/jpeg' },
      picture: { bucket: small.bucket, key: small.key },
      ...(author && { author }),
      ...(postUrl !== undefined && { postUrl }),
    })
  }
}
