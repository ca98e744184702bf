/** Starts the job that a request asks for, and answers with its state and when to look again. */
import type { Context } from 'hono'
import { onBehalfOf } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { Job } from '../schemas/job.ts'
import { idempotencyKey } from './idempotency.ts'
import type { OpenJobs } from './open-jobs.ts'
import { type JobToStart, type StartedJob, startJob } from './start-job.ts'

/** Shared by all routes that start jobs. */
export interface JobDesk {
  openJobs: OpenJobs
  metrics: ApiMetrics
}

/** @throws {Problem} `invalid_header`, `idempotency_key_reused`, `too_many_jobs` */
export async function startAskedJob(
  c: Context<ApiEnv>,
  deps: ApiDependencies,
  { openJobs, metrics }: JobDesk,
  job: JobToStart,
): Promise<StartedJob> {
  const key = idempotencyKey(c.req.header('Idempotency-Key'))
  const started = await startJob(onBehalfOf(deps, c), job, {
    caller: c.get('caller'),
    key,
    openJobs,
  })
  if (started.replayed) c.header('Idempotent-Replayed', 'true')
  else metrics.jobStarted(job.type)
  return started
}

/** The headers of a 202. */
export function pending(c: Context<ApiEnv>, job: Job): Job {
  c.header('Location', job.urls.self)
  c.header('Retry-After', retryAfter(job))
  return job
}

/** Seconds: a resize is over in one, most others are not. */
export const retryAfter = ({ type }: Job) => (type === 'resize' ? '1' : '5')
