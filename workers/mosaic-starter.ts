/** Starts mosaics for posts and inboxes, like the API does for requests over HTTP. */
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import type { MosaicStarter } from '../activities/social/take-post.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { writeOrder } from '../adapters/orders.ts'
import { type AcceptedJob, startOptions } from '../workflows/contract/accepted-job.ts'

export interface MosaicStarterOptions {
  client: Client
  store: ObjectStore
}

export function createMosaicStarter({ client, store }: MosaicStarterOptions): MosaicStarter {
  return {
    async start({ jobId, source, params, author, post, review, from = '' }) {
      const job: AcceptedJob = {
        id: jobId,
        type: 'mosaic',
        arg: { source, params, ...(author && { author }), ...(post && { post }), ...(review && { review }) },
        memo: { params },
        source: post?.network ?? 'inbox',
        ...(post?.handle && { author: post.handle }),
        // Fairness: somebody who posts a hundred photos should not delay somebody who posts one.
        caller: post ? `${post.network} ${post.handle}` : from,
        summary: `mosaic (${params.library}) for ${post?.url ?? from}`,
      }
      // Before the start: a listener that dies right after it considers the post known and would not retry this.
      await writeOrder(store, jobId, job)
      try {
        await client.workflow.start('mosaic', startOptions(job))
        return true
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false
        throw error
      }
    },
  }
}
