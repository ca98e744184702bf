/** Starts the mosaics that posts ask for and inboxes bring, as the API starts those that people ask for. */
import { Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import type { NativeConnection } from '@temporalio/worker'
import type { MosaicStarter } from '../activities/take-post.ts'
import type { MosaicJob } from '../workflows/contract/job.ts'
import { jobAuthor, jobSource, jobStatus, jobType } from '../workflows/contract/search-attributes.ts'
import { taskQueues } from '../workflows/contract/task-queues.ts'

export function createMosaicStarter(connection: NativeConnection, namespace: string): MosaicStarter {
  const client = new Client({ connection, namespace })
  return {
    async start({ jobId, source, params, author, post, review, from = '' }) {
      const job: MosaicJob = {
        ...{ source, params },
        ...(author && { author }),
        ...(post && { post }),
        ...(review && { review }),
      }
      try {
        await client.workflow.start('mosaic', {
          workflowId: jobId,
          taskQueue: taskQueues.orchestration,
          args: [job],
          workflowIdConflictPolicy: 'FAIL',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          // Who posts a hundred photos waits behind who posts one.
          priority: { fairnessKey: (post ? `${post.network} ${post.handle}` : from).slice(0, 64) },
          memo: { params },
          typedSearchAttributes: new TypedSearchAttributes([
            { key: jobType, value: 'mosaic' },
            { key: jobStatus, value: 'queued' },
            { key: jobSource, value: post?.network ?? 'inbox' },
            ...(post?.handle ? [{ key: jobAuthor, value: post.handle }] : []),
          ]),
          staticSummary: `mosaic (${params.library}) for ${post?.url ?? from}`,
        })
        return true
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false
        throw error
      }
    },
  }
}
