/** Whether Temporal still knows a job, running or not. */
import { type Client, isGrpcServiceError } from '@temporalio/client'
import type { KnownJobs } from '../activities/sweep-work.ts'

/** gRPC status codes, https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const notFound = 5

/** Asked raw: the client's own description decodes the memo, for which a key may be missing here. */
export function createKnownJobs({ workflowService, options: { namespace } }: Client): KnownJobs {
  return {
    async knows(workflowId) {
      try {
        await workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } })
        return true
      } catch (error) {
        if (isGrpcServiceError(error) && Number(error.code) === notFound) return false
        throw error
      }
    },
  }
}
