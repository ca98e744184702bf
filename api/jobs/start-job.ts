/** Starts a job's workflow. Temporal's own uniqueness of IDs is what makes a repeated request one job. */
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
  /** The workflow's argument; made once the ID is known, since a list of tile photos is stored under it. */
  arg: (id: string) => Promise<MosaicJob | ResizeJob | TilesJob | RemoveAuthorJob | BulkJob>
  params: object
  metadata?: Record<string, string>
  /** The job that this one was made of, with changes. */
  parent?: string
  /** Handle of the person that the job is for. */
  author?: string
  /** Everything that makes another request another request. */
  identity: unknown
  /** One line for the Web UI. */
  summary: string
  /** Which door it came in by. Default `api`. */
  door?: 'api' | 'legacy'
}

/** By whom, under which idempotency key, and what keeps the service from being flooded. */
interface Asked {
  caller: string
  key?: string | undefined
  openJobs: AdmittingJobs
}

export interface StartedJob {
  id: string
  /** The key was used before, for the same request: nothing was started. */
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
      // Claimed by a request whose job never came to be, when Temporal could not be reached: not for ever.
      if (holder === undefined && now(deps) - claim.claimedAt.getTime() > keyLifetimeMs) continue
      throw reused(key)
    }
    if (holder === undefined && (await start(deps, job, id, print, asked))) return { id, replayed: false }
    // Somebody else was faster between the two calls: theirs is the holder now.
    const found = holder ?? (await describeHolder(deps, id))
    if (found === undefined || found === 'expired') continue
    if (found.fingerprint !== print) throw reused(key)
    return { id, replayed: true }
  }
}

/** False when an execution of this ID is there already, running or not. */
async function start(
  deps: ApiDependencies,
  job: JobToStart,
  id: string,
  print: string,
  asked: Asked,
): Promise<boolean> {
  // Only here: asking again for a job that is there already is no flood.
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
  // The short path: needs a connection that this process's own worker shares.
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
  if (isWrittenDown(accepted)) await writeDown(deps, accepted)
  return true
}

/** Only now: a job that Temporal refused was not accepted. It runs already, so that a store in trouble is no reason to say no. */
async function writeDown({ store, logger }: ApiDependencies, accepted: AcceptedJob): Promise<void> {
  try {
    await writeOrder(store, accepted.id, accepted)
  } catch (error) {
    logger.warn({ err: error }, "could not be written down: it would be lost with Temporal's database")
  }
}

/** Who has this ID. `expired`: somebody had, longer ago than a key lives, or has deleted it since. */
async function describeHolder(
  deps: ApiDependencies,
  id: string,
): Promise<{ fingerprint: unknown } | 'expired' | undefined> {
  const holder = await inTemporal(deps, id)
  if (holder) return holder
  if (!(await isStored(deps, id)) && !(await wasDeleted(deps, id))) return undefined
  // Its history has aged out, its result has not: a new job must not be named after it. Unless it was begun and done between
  // the two questions, for the same request asked before, whose answer got lost: then it is here now.
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
