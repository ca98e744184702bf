/**
 * Lists jobs: running ones first, then finished ones, latest first. Reads Temporal's visibility store while that has them, then
 * the ledger.
 */
import { createHash } from 'node:crypto'
import { defaultPayloadConverter } from '@temporalio/client'
import { decoded } from '../../adapters/payloads.ts'
import { endOfRun } from '../../workflows/contract/end-of-run.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { wrongValue } from '../problems.ts'
import type { JobStatus, JobSummary } from '../schemas/job.ts'
import { urlsOf } from './describe-job.ts'
import { jobTypeOf } from './job-id.ts'
import type { JobLinks } from './job-links.ts'
import { supersededRuns } from './job-runs.ts'
import { type LedgerPlace, ledgerPlace, readLedger } from './ledger.ts'
import { callTemporal } from './temporal-call.ts'

/** Uses visibility's own status, which is right even for a terminated job that could not update its search attribute. */
const statusQuery: Record<JobStatus, string> = {
  queued: `ExecutionStatus = 'Running' AND JobStatus = 'queued'`,
  processing: `ExecutionStatus = 'Running' AND JobStatus != 'queued'`,
  succeeded: `ExecutionStatus = 'Completed'`,
  failed: `ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')`,
  canceled: `ExecutionStatus = 'Canceled'`,
}

export async function listJobs(
  deps: ApiDependencies,
  filter: {
    type?: string | undefined
    status?: JobStatus | undefined
    limit: number
    after?: string | undefined
  },
  links: JobLinks,
): Promise<{ data: JobSummary[]; next: string | null }> {
  const { client, tenant } = deps
  const after = filter.after === undefined ? undefined : readCursor(filter.after)
  if (after && 'ledger' in after) return await fromLedger([], after.ledger)
  const types = filter.type === undefined ? ['mosaic', 'resize', 'tiles', 'bulk'] : [filter.type]
  const query = [
    `WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')})`,
    ...(filter.status === undefined ? [] : [statusQuery[filter.status]]),
    // Names are letters, digits and `._-`: see `adapters/environment/api-keys.ts`.
    ...(tenant?.isolated ? [`JobCaller = '${tenant.name}'`] : []),
  ].join(' AND ')
  const { executions, nextPageToken } = await callTemporal(client, () =>
    client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      query,
      pageSize: filter.limit,
      nextPageToken: after?.temporal ?? new Uint8Array(),
    }),
  )

  // Workflows that somebody started by hand under other IDs do not belong in the API.
  const ours = executions.filter(({ execution }) => jobTypeOf(execution?.workflowId ?? '') !== undefined)
  const superseded = await supersededRuns(client, ours)
  const present = ours.filter(({ execution }) => !superseded.has(execution?.runId ?? ''))
  const data = await Promise.all(present.map(summaryOf))
  if (nextPageToken.length > 0) return { data, next: cursorOf({ temporal: nextPageToken }) }
  if (filter.status === 'queued' || filter.status === 'processing') return { data, next: null }
  return await fromLedger(data, { line: 0 })

  async function summaryOf(run: (typeof executions)[number]): Promise<JobSummary> {
    const { execution, status, startTime, closeTime, memo, searchAttributes } = run
    const id = execution?.workflowId ?? ''
    const told = searchAttribute(searchAttributes?.indexedFields?.JobStatus)
    const metadata = await decoded<Record<string, string>>(client, memo?.fields?.metadata)
    const jobStatus: JobStatus = endOfRun(status) ?? (told === 'queued' ? 'queued' : 'processing')
    return {
      id,
      type: jobTypeOf(id)!,
      status: jobStatus,
      created_at: toIso(startTime) ?? '',
      completed_at: toIso(closeTime),
      params: (await decoded<Record<string, unknown>>(client, memo?.fields?.params)) ?? {},
      ...(metadata && { metadata }),
      urls: urlsOf(id, links, execution?.runId ?? undefined, jobStatus),
    }
  }

  async function fromLedger(data: JobSummary[], place: LedgerPlace) {
    const limit = filter.limit - data.length
    const older = await readLedger(deps, { ...filter, limit }, place, links)
    return { data: [...data, ...older.data], next: older.next && cursorOf({ ledger: older.next }) }
  }
}

type Payload = Parameters<typeof defaultPayloadConverter.fromPayload>[0]

/** Search attributes are never encrypted, because the server reads them. */
const searchAttribute = (payload: Payload | undefined) =>
  payload ? defaultPayloadConverter.fromPayload<unknown>(payload) : undefined

const toIso = (time: { seconds?: unknown; nanos?: number | null } | null | undefined) =>
  time ? new Date(Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6).toISOString() : null

type Place = { temporal: Uint8Array } | { ledger: LedgerPlace }

/**
 * Cursors carry a checksum because Temporal answers a page token that it did not write with an internal error, which clients take
 * for a temporary failure and retry. It guards against mistakes, not forgery.
 */
function cursorOf(place: Place): string {
  const text =
    'temporal' in place
      ? `t${Buffer.from(place.temporal).toString('base64url')}`
      : `l${Buffer.from(JSON.stringify(place.ledger)).toString('base64url')}`
  return `${text}.${checksum(text)}`
}

function readCursor(cursor: string): Place {
  const [text = '', sum] = cursor.split('.')
  const bytes = Buffer.from(text.slice(1), 'base64url')
  if (sum === checksum(text) && text.startsWith('t')) return { temporal: bytes }
  const place = sum === checksum(text) ? ledgerPlace.safeParse(jsonOf(bytes)) : undefined
  if (!place?.success)
    throw wrongValue('invalid_request', '?after', "Expected what an earlier page's `next` said.")
  return { ledger: place.data }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

const checksum = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)
