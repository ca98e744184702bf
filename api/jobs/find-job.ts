import { WorkflowNotFoundError } from '@temporalio/client'
import { addLogFields } from '../../adapters/logger/log-fields.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import type { Job } from '../schemas/job.ts'
import { pendingSteps } from './decoded-payloads.ts'
import { wasDeleted } from './delete-job.ts'
import { describeJob } from './describe-job.ts'
import { jobTypeOf } from './job-id.ts'
import type { JobLinks } from './job-links.ts'
import { outcomeOf } from './job-outcome.ts'
import { earlierRuns } from './job-runs.ts'
import { withDecision } from './publish-job.ts'
import { hasExpired, storedJob } from './stored-job.ts'
import { callTemporal } from './temporal-call.ts'

/**
 * Finds a job by ID: in Temporal or, once its history has been removed there, from what it stored.
 * @throws {Problem} `job_not_found`, `job_deleted`, `job_expired`
 */
export async function findJob(deps: ApiDependencies, id: string, links: JobLinks): Promise<Job> {
  const { client } = deps
  if (jobTypeOf(id) === undefined) throw unknownJob(id)
  addLogFields({ job: id })
  try {
    const description = await callTemporal(client, () => client.workflow.getHandle(id).describe())
    const outcome = await outcomeOf(client, description)
    const pending = await pendingSteps(client, description)
    if (outcome) await refuseGone(deps, id)
    const earlier = await earlierRuns(client, description, links)
    const job = await withDecision(deps, describeJob(description, pending, outcome, links))
    return { ...job, ...(earlier.length > 0 && { earlier_runs: earlier }) }
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
  // The tombstone first: a step that outlived the deletion may have written its result after all.
  await refuseGone(deps, id)
  const stored = await storedJob(deps, id, links)
  if (stored) return await withDecision(deps, stored)
  throw unknownJob(id)
}

/** @throws {Problem} `job_deleted`, `job_expired` */
async function refuseGone(deps: ApiDependencies, id: string): Promise<void> {
  const [deleted, expired] = await Promise.all([wasDeleted(deps, id), hasExpired(deps, id)])
  if (deleted) throw new Problem('job_deleted', `The job ${id} was deleted.`)
  if (expired) throw new Problem('job_expired', `The result of ${id} has expired.`)
}

export const unknownJob = (id: string) =>
  new Problem('job_not_found', `There is no job with the ID ${JSON.stringify(id.slice(0, 100))}.`)
