/** Jobs that may still read their inputs, from Temporal's lists. */
import { status } from '@grpc/grpc-js'
import { type Client, isGrpcServiceError } from '@temporalio/client'
import type { LastingJob, LastingJobs } from '../activities/expire-uploads.ts'
import { decoded } from '../adapters/payloads.ts'
import { momentOf } from '../adapters/timestamp.ts'
import { listedRuns, readable } from './listed-runs.ts'

/** Unfinished ones, and those that `api/jobs/replay-job.ts` can resume: a finished bulk job may have failed pictures. */
const query =
  `WorkflowType IN ('mosaic', 'resize', 'tiles', 'bulk') AND ` +
  `(ExecutionStatus IN ('Running', 'Failed', 'TimedOut', 'Terminated') OR (WorkflowType = 'bulk' AND ExecutionStatus = 'Completed'))`

export function createLastingJobs(client: Client): LastingJobs {
  const { namespace } = client.options

  /** Reads the argument from the first event, which a replay keeps. `undefined`: removed from Temporal since it was listed. */
  async function startedWith(workflowId: string, runId: string): Promise<LastingJob | undefined> {
    try {
      const { history } = await client.workflowService.getWorkflowExecutionHistory({
        ...{ namespace, execution: { workflowId, runId }, maximumPageSize: 1 },
      })
      const [first] = history?.events ?? []
      const [payload] = first?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
      const arg = await readable(() => decoded(client, payload))
      // Unknown is as good as always: what it may need is kept.
      const job = { id: workflowId, acceptedAt: momentOf(first?.eventTime) ?? new Date(0) }
      return 'unread' in arg ? { ...job, unread: arg.unread } : { ...job, arg: arg.value }
    } catch (error) {
      if (isGrpcServiceError(error) && error.code === status.NOT_FOUND) return undefined
      throw error
    }
  }

  return {
    async *list() {
      for await (const { execution } of listedRuns(client, query)) {
        const job = await startedWith(execution?.workflowId ?? '', execution?.runId ?? '')
        if (job) yield job
      }
    },
  }
}
