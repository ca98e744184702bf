/** Jobs that have ended, from Temporal's lists. */
import type { Client } from '@temporalio/client'
import type { EndedJob, EndedJobs } from '../activities/keep-ledger.ts'
import { decoded } from '../adapters/payloads.ts'
import { endOfRun } from '../workflows/contract/end-of-run.ts'
import { type ListedRun, listedRuns, readable, toDate } from './listed-runs.ts'

export function createEndedJobs(client: Client): EndedJobs {
  return {
    async count(after, upTo) {
      return (await client.workflow.count(queryOf(after, upTo))).count
    },
    async *list(after, upTo) {
      for await (const run of listedRuns(client, queryOf(after, upTo))) {
        const status = endOfRun(run.status)
        // A run that continued as new has not ended.
        if (!status || !run.closeTime) continue
        const details = await readable(() => detailsOf(client, run))
        yield {
          ...{ id: run.execution?.workflowId ?? '', type: run.type?.name ?? '', status },
          createdAt: toDate(run.startTime).toISOString(),
          completedAt: toDate(run.closeTime).toISOString(),
          ...('unread' in details ? { params: {}, unread: details.unread } : details.value),
        }
      }
    },
  }
}

async function detailsOf(
  client: Client,
  { memo }: ListedRun,
): Promise<Pick<EndedJob, 'params' | 'metadata'>> {
  const { params, metadata } = memo?.fields ?? {}
  const labels = await decoded<EndedJob['metadata']>(client, metadata)
  return {
    params: (await decoded<EndedJob['params']>(client, params)) ?? {},
    ...(labels && { metadata: labels }),
  }
}

const queryOf = (after: number, upTo: number) =>
  `WorkflowType IN ('mosaic', 'resize', 'tiles', 'bulk') AND CloseTime > '${iso(after)}' AND CloseTime <= '${iso(upTo)}'`

const iso = (ms: number) => new Date(ms).toISOString()
