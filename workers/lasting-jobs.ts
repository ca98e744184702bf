/** Jobs that may still read what they were given, as Temporal knows them. */
import { type Client, isGrpcServiceError } from '@temporalio/client'
import type { LastingJobs } from '../activities/expire-uploads.ts'
import { decoded } from '../adapters/payloads.ts'

/** Unfinished ones, and those that `api/jobs/replay-job.ts` lets go on: a bulk job that is done may have failed in parts. */
const query =
  `WorkflowType IN ('mosaic', 'resize', 'tiles', 'bulk') AND ` +
  `(ExecutionStatus IN ('Running', 'Failed', 'TimedOut', 'Terminated') OR (WorkflowType = 'bulk' AND ExecutionStatus = 'Completed'))`

/** gRPC status codes, https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const notFound = 5

export function createLastingJobs(client: Client): LastingJobs {
  const { namespace } = client.options

  /** Its first event says. `undefined`: Temporal has forgotten it since it was listed. */
  async function startedWith(workflowId: string, runId: string): Promise<unknown> {
    try {
      const { history } = await client.workflowService.getWorkflowExecutionHistory({
        ...{ namespace, execution: { workflowId, runId }, maximumPageSize: 1 },
      })
      const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
      return await decoded(client, payload)
    } catch (error) {
      if (isGrpcServiceError(error) && Number(error.code) === notFound) return undefined
      throw error
    }
  }

  return {
    async *args() {
      for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: 1_000 }))
        yield await startedWith(workflowId, runId)
    },
  }
}
