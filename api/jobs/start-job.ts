/** Starts a job's workflow. Temporal's own uniqueness of workflow IDs deduplicates repeated requests. */
import { Connection, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import { addLogFields } from '../../adapters/logger/log-fields.ts'
import { writeOrder } from '../../adapters/orders.ts'
import { type AcceptedJob, isWrittenDown, startOptions } from '../../workflows/contract/accepted-job.ts'
import type {
  BulkJob,
  JobType,
  MosaicJob,
  RemoveAuthorJob,
  ResizeJob,
  TilesJob,
} from '../../workflows/contract/job.ts'
import { claimJob } from '../access/ownership.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { wasDeleted } from './delete-job.ts'
import { createdAt } from './describe-job.ts'
import { claimKey, fingerprint, keyLifetimeMs } from './idempotency.ts'
import { keyedJobId, newJobId } from './job-id.ts'
import type { AdmittingJobs } from './open-jobs.ts'
import { isStored } from './stored-job.ts'
import { callTemporal } from './temporal-call.ts'

export interface JobToStart {
  type: JobType
  /** Makes the workflow's argument once the ID is known, since lists of photos are stored under it. */
  arg: (id: string) => Promise<MosaicJob | ResizeJob | TilesJob | RemoveAuthorJob | BulkJob>
  params: object
  metadata?: Record<string, string>
  /** The job that this one is a changed version of. */
  parent?: string
  /** Handle of the person that the job is for. */
  author?: string
  /** Identifies the input: requests with different identities are different requests. */
  identity: unknown
  /** One line for the Web UI. */
  summary: string
  /** The API that it came through. Default `api`. */
  door?: 'api' | 'legacy'
}

/** The caller, the idempotency key, and the limit on open jobs. */
interface Asked {
  caller: string
  key?: string | undefined
  openJobs: AdmittingJobs
}

export interface StartedJob {
  id: string
  /** The key was used before for the same request, so nothing was started. */
  replayed: boolean
}

export async function startJob(deps: ApiDependencies, job: JobToStart, asked: Asked): Promise<StartedJob> {
  const started = await startOnce(deps, job, asked)
  addLogFields({ job: started.id })
  if (!started.replayed) deps.logger.info({ caller: asked.caller }, `${job.type} accepted`)
  return started
}

async function startOnce(deps: ApiDependencies, job: JobToStart, asked: Asked): Promise<StartedJob> {
  const { caller, key } = asked
  const print = fingerprint({
    type: job.type,
    params: job.params,
    identity: job.identity,
    metadata: job.metadata,
    parent: job.parent,
  })
  if (key === undefined) {
    const id = newJobId(job.type, now(deps))
    await start(deps, job, id, print, asked)
    return { id, replayed: false }
  }
  for (let generation = 0; ; generation++) {
    const claim = await claimKey(deps.store, { caller, key, generation }, job.type)
    const id = keyedJobId(claim.type, caller, key, generation)
    const holder = await describeHolder(deps, id)
    if (holder === 'expired') continue
    if (claim.type !== job.type) {
      // Claimed by a request whose job was never started, because Temporal was unreachable. Such a claim expires, too.
      if (holder === undefined && now(deps) - claim.claimedAt.getTime() > keyLifetimeMs) continue
      throw reused(key)
    }
    if (holder === undefined && (await start(deps, job, id, print, asked))) return { id, replayed: false }
    // Another request started it between the two calls: use that job.
    const found = holder ?? (await describeHolder(deps, id))
    if (found === undefined || found === 'expired') continue
    if (found.fingerprint !== print) throw reused(key)
    return { id, replayed: true }
  }
}

/** @returns false if an execution with this ID already exists, running or not */
async function start(
  deps: ApiDependencies,
  job: JobToStart,
  id: string,
  print: string,
  asked: Asked,
): Promise<boolean> {
  // Only here, because repeating a request for an existing job adds no load.
  return await asked.openJobs.admit(async () => {
    await deps.tenant?.admit()
    return await submit(deps, job, id, print, asked)
  })
}

async function submit(
  deps: ApiDependencies,
  job: JobToStart,
  id: string,
  print: string,
  { caller, openJobs }: Asked,
): Promise<boolean> {
  const { client } = deps
  await claimJob(deps, id)
  const accepted: AcceptedJob = {
    ...{ id, type: job.type, summary: job.summary, source: job.door ?? 'api' },
    caller: deps.tenant?.name ?? caller,
    ...(deps.tenant?.name && { tenant: deps.tenant.name }),
    arg: await job.arg(id),
    memo: {
      params: job.params,
      fingerprint: print,
      ...(job.metadata && { metadata: job.metadata }),
      ...(job.parent && { parent: job.parent }),
    },
    ...(job.author && { author: job.author }),
  }
  // Eager start needs a connection shared with a worker of this process.
  const requestEagerStart = job.type === 'resize' && !(client.connection instanceof Connection)
  try {
    const options = { ...startOptions(accepted), requestEagerStart }
    await openJobs.handOver(accepted.caller, () =>
      callTemporal(client, () => client.workflow.start(job.type, options)),
    )
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false
    throw error
  }
  if (isWrittenDown(accepted)) await keepOrder(deps, accepted)
  return true
}

/** After the start, because only a started job is accepted. A failing store is no reason to reject a job that already runs. */
async function keepOrder({ store, logger }: ApiDependencies, accepted: AcceptedJob): Promise<void> {
  try {
    await writeOrder(store, accepted.id, accepted)
  } catch (error) {
    logger.warn({ err: error }, "could not store the order: the job would be lost with Temporal's database")
  }
}

/** The job that has this ID. `expired`: it is older than the lifetime of a key, or was deleted. */
async function describeHolder(
  deps: ApiDependencies,
  id: string,
): Promise<{ fingerprint: unknown } | 'expired' | undefined> {
  const holder = await inTemporal(deps, id)
  if (holder) return holder
  if (!(await isStored(deps, id)) && !(await wasDeleted(deps, id))) return undefined
  // Its history is gone but its result is not, so a new job must not take its ID. Unless an earlier attempt of this very request,
  // whose response was lost, started and finished it between the two checks: then Temporal has it now.
  return (await inTemporal(deps, id)) ?? 'expired'
}

async function inTemporal(
  deps: ApiDependencies,
  id: string,
): Promise<{ fingerprint: unknown } | 'expired' | undefined> {
  try {
    const description = await callTemporal(deps.client, () => deps.client.workflow.getHandle(id).describe())
    const { memo } = description
    const expired =
      now(deps) - createdAt(description).getTime() > keyLifetimeMs || (await wasDeleted(deps, id))
    return expired ? 'expired' : { fingerprint: memo?.fingerprint }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

const now = (deps: ApiDependencies) => (deps.now ?? Date.now)()

const reused = (key: string) =>
  new Problem(
    'idempotency_key_reused',
    `The Idempotency-Key ${JSON.stringify(key)} was used for another request within the last 24 hours.`,
  )
