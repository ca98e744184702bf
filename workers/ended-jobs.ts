/** Jobs that have ended, as Temporal's lists tell of them. */
import type { Client } from '@temporalio/client'
import type { EndedJob, EndedJobs } from '../activities/keep-ledger.ts'
import { endOfRun } from '../workflows/contract/end-of-run.ts'

export function createEndedJobs(client: Client): EndedJobs {
  return {
    async count(after, upTo) {
      return (await client.workflow.count(queryOf(after, upTo))).count
    },
    async *list(after, upTo) {
      for await (const run of client.workflow.list({ query: queryOf(after, upTo), pageSize: 1_000 })) {
        const status = endOfRun(run.status.name)
        // A run that goes on in another one is no end.
        if (!status || !run.closeTime) continue
        const { params = {}, metadata } = (run.memo ?? {}) as Partial<EndedJob>
        yield {
          ...{ id: run.workflowId, type: run.type, status, params },
          ...(metadata && { metadata }),
          createdAt: run.startTime.toISOString(),
          completedAt: run.closeTime.toISOString(),
        }
      }
    },
  }
}

const queryOf = (after: number, upTo: number) =>
  `WorkflowType IN ('mosaic', 'resize', 'tiles', 'bulk') AND CloseTime > '${iso(after)}' AND CloseTime <= '${iso(upTo)}'`

const iso = (ms: number) => new Date(ms).toISOString()
