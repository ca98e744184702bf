/** The runs of a job: one, plus one per replay. The last run is the job; the others show how it failed before. */
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

/** Runs per page: the jobs on one page of our lists rarely have more. */
const pageSize = 200

/** Earlier runs shown in a job, latest first. The Temporal Web UI has all of them. */
const shownAtMost = 10

/** Cached by run ID: the end of a run never changes, but a watched job needs it on every poll. */
const cachedRuns = new LRUCache<string, EarlierRun>({ max: 1_000 })

/**
 * How a job failed before it was replayed, latest first. A job that was never replayed costs no call: its current run is its
 * first.
 */
export async function earlierRuns(
  client: Client,
  { workflowId, runId, raw }: WorkflowExecutionDescription,
  links: JobLinks,
): Promise<EarlierRun[]> {
  const firstRunId = raw.workflowExecutionInfo?.firstRunId
  if (!firstRunId || firstRunId === runId) return []
  const runs = await runsOf(client, [workflowId])
  const shown = runs.filter((run) => run.runId !== runId).slice(0, shownAtMost)
  return await Promise.all(shown.map((run) => earlierRun(client, workflowId, run.runId, links)))
}

async function earlierRun(client: Client, id: string, runId: string, links: JobLinks): Promise<EarlierRun> {
  let earlier = cachedRuns.get(runId)
  if (!earlier) {
    const run = await callTemporal(client, () => client.workflow.getHandle(id, runId).describe())
    const outcome = await outcomeOf(client, run)
    earlier = {
      started_at: run.startTime.toISOString(),
      completed_at: run.closeTime?.toISOString() ?? null,
      error: outcome && 'error' in outcome ? outcome.error : null,
    }
    if (outcome) cachedRuns.set(runId, earlier)
  }
  return { ...earlier, ...(links.temporal && { temporal: links.temporal(id, runId) }) }
}

/** All runs of these jobs, each job's current one before its earlier ones. Visibility is eventually consistent. */
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

/** Run IDs of failed runs whose jobs were replayed since: listed, they would look like failed jobs. */
export async function supersededRuns(client: Client, executions: readonly Execution[]): Promise<Set<string>> {
  // A bulk job with failed pictures can be replayed although it succeeded.
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
