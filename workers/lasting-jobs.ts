/** Jobs that may still read their inputs, from Temporal's lists. */
import { type Client, isGrpcServiceError } from '@temporalio/client'
import type { LastingJob, LastingJobs } from '../activities/expire-uploads.ts'
import { decoded } from '../adapters/payloads.ts'
import { listedRuns, readable, toDate } from './listed-runs.ts'

/** Unfinished ones, and those that `api/jobs/replay-job.ts` can resume: a finished bulk job may have failed pictures. */
const query =
  `WorkflowType IN ('mosaic', 'resize', 'tiles', 'bulk') AND ` +
  `(ExecutionStatus IN ('Running', 'Failed', 'TimedOut', 'Terminated') OR (WorkflowType = 'bulk' AND ExecutionStatus = 'Completed'))`

/** gRPC status codes, https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const notFound = 5

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
      const job = { id: workflowId, acceptedAt: toDate(first?.eventTime) }
      return 'unread' in arg ? { ...job, unread: arg.unread } : { ...job, arg: arg.value }
    } catch (error) {
      if (isGrpcServiceError(error) && Number(error.code) === notFound) return undefined
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
