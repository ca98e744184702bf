/** The runs of a job: one, and one more for each replay. The last one is the job; the others are how it failed before. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client'
import { LRUCache } from 'lru-cache'
import { endOfRun } from '../../workflows/contract/end-of-run.ts'
import type { EarlierRun } from '../schemas/job.ts'
import type { JobLinks } from './job-links.ts'
import { outcomeOf } from './job-outcome.ts'
import { callTemporal } from './temporal-call.ts'

interface Execution {
  execution?: { workflowId?: string | null; runId?: string | null } | null
  status?: number | null
}

/** Runs a page; the jobs of one page of ours have hardly more. */
const pageSize = 200

/** Runs that a job tells of, the latest. All are in the Temporal Web UI. */
const toldAtMost = 10

/** How a run ended never changes; a watched job asks for it again and again. By run ID. */
const toldBefore = new LRUCache<string, EarlierRun>({ max: 1_000 })

/**
 * How a job failed before it was replayed, the latest first. A job that never was costs no call: its present run is
 * its first.
 */
export async function earlierRuns(
  client: Client,
  { workflowId, runId, raw }: WorkflowExecutionDescription,
  links: JobLinks,
): Promise<EarlierRun[]> {
  const firstRunId = raw.workflowExecutionInfo?.firstRunId
  if (!firstRunId || firstRunId === runId) return []
  const runs = await runsOf(client, [workflowId])
  const earlier = runs.filter((run) => run.runId !== runId).slice(0, toldAtMost)
  return await Promise.all(earlier.map((run) => earlierRun(client, workflowId, run.runId, links)))
}

async function earlierRun(client: Client, id: string, runId: string, links: JobLinks): Promise<EarlierRun> {
  let told = toldBefore.get(runId)
  if (!told) {
    const run = await callTemporal(client, () => client.workflow.getHandle(id, runId).describe())
    const outcome = await outcomeOf(client, run)
    told = {
      started_at: run.startTime.toISOString(),
      completed_at: run.closeTime?.toISOString() ?? null,
      error: outcome && 'error' in outcome ? outcome.error : null,
    }
    if (outcome) toldBefore.set(runId, told)
  }
  return { ...told, ...(links.temporal && { temporal: links.temporal(id, runId) }) }
}

/** Every run of these jobs, each job's present one before its earlier ones. Visibility lags by a moment. */
export async function runsOf(
  client: Client,
  ids: readonly string[],
): Promise<{ id: string; runId: string }[]> {
  const runs: { id: string; runId: string }[] = []
  // IDs are letters, digits and hyphens: see `job-id.ts`.
  const query = `WorkflowId IN (${ids.map((id) => `'${id}'`).join(', ')})`
  let token: Uint8Array | undefined
  do {
    const { executions, nextPageToken } = await callTemporal(client, () =>
      client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query,
        pageSize,
        ...(token && { nextPageToken: token }),
      }),
    )
    for (const { execution } of executions)
      runs.push({ id: execution?.workflowId ?? '', runId: execution?.runId ?? '' })
    token = nextPageToken
  } while (token.length > 0)
  return runs
}

/** Run IDs of those failed runs after which their job was replayed: in a list they would be jobs that have failed. */
export async function supersededRuns(client: Client, executions: readonly Execution[]): Promise<Set<string>> {
  // A bulk job whose single pictures failed is replayed although it has succeeded.
  const failed = executions.filter(({ status, execution }) => {
    const end = endOfRun(status)
    return end === 'failed' || (end === 'succeeded' && execution?.workflowId?.startsWith('bulk-'))
  })
  const ids = [...new Set(failed.map(({ execution }) => execution?.workflowId ?? ''))]
  if (ids.length === 0) return new Set()
  const present = new Map<string, string>()
  const superseded = new Set<string>()
  for (const { id, runId } of await runsOf(client, ids)) {
    if (present.has(id)) superseded.add(runId)
    else present.set(id, runId)
  }
  return superseded
}
