/** Failed jobs of a running mosaicme, and their replay with bounded concurrency. */
import pLimit from 'p-limit'
import type { Job, JobSummary } from '../api/client.ts'
import { Refusal } from './refusal.ts'
import { call, getJob, type Remote } from './remote-jobs.ts'

export interface FailedJobsFilter {
  type?: string | undefined
  /** Failed within this time, ms. */
  sinceMs: number
  limit: number
  /** Include those whose failure says that a replay would fail the same way. */
  all: boolean
}

export interface FailedJobs {
  /** Latest failures first. */
  toReplay: Job[]
  /** Left out: a replay would fail the same way. */
  hopeless: Job[]
  /** There are more than `limit`. */
  more: boolean
}

/** Concurrent requests: enough to be quick, few enough for the API to serve others. */
const atATime = 8
const pageSize = 100

export async function findFailedJobs(
  remote: Remote,
  { type, sinceMs, limit, all }: FailedJobsFilter,
): Promise<FailedJobs> {
  const found: FailedJobs = { toReplay: [], hopeless: [], more: false }
  const limited = pLimit(atATime)
  for await (const page of failedSince(remote, type, Date.now() - sinceMs)) {
    const jobs = await Promise.all(page.map(({ id }) => limited(() => presentState(remote, id))))
    for (const job of jobs) {
      // Replayed or deleted since it was listed.
      if (job?.status !== 'failed') continue
      if (!all && job.error?.retryable === false) found.hopeless.push(job)
      else if (found.toReplay.length < limit) found.toReplay.push(job)
      else return { ...found, more: true }
    }
  }
  return found
}

async function presentState(remote: Remote, id: string): Promise<Job | undefined> {
  try {
    return await getJob(remote, id)
  } catch (error) {
    if (error instanceof Refusal && goneCodes.has(error.code)) return undefined
    throw error
  }
}

const goneCodes = new Set(['job_deleted', 'job_not_found'])

/** Pages of failed jobs, latest first, up to the first one that failed before `since` (ms since the epoch). */
async function* failedSince(
  remote: Remote,
  type: string | undefined,
  since: number,
): AsyncGenerator<JobSummary[]> {
  let after: string | undefined
  do {
    const query = new URLSearchParams({ status: 'failed', limit: String(pageSize) })
    if (type !== undefined) query.set('type', type)
    if (after !== undefined) query.set('after', after)
    const page = (await (await call(remote, `v1/jobs?${query}`)).json()) as {
      data: JobSummary[]
      next: string | null
    }
    const late = page.data.filter(({ completed_at }) => Date.parse(completed_at ?? '') >= since)
    yield late
    if (late.length < page.data.length) return
    after = page.next ?? undefined
  } while (after !== undefined)
}

export interface Replayed {
  id: string
  /** Why it was not replayed; absent if it was. */
  refused?: { code: string; message: string }
}

export const replayJob = async (remote: Remote, id: string) =>
  (await (await call(remote, `v1/jobs/${encodeURIComponent(id)}/replay`, { method: 'POST' })).json()) as Job

/** Replays each job. One that cannot be replayed, such as one deleted meanwhile, does not stop the others. */
export async function replayAll(remote: Remote, jobs: readonly Job[]): Promise<Replayed[]> {
  const limited = pLimit(atATime)
  return await Promise.all(
    jobs.map(({ id }) =>
      limited(async (): Promise<Replayed> => {
        try {
          await replayJob(remote, id)
          return { id }
        } catch (error) {
          if (!(error instanceof Refusal) || error.code === 'api_unreachable') throw error
          return { id, refused: { code: error.code, message: error.message } }
        }
      }),
    ),
  )
}
