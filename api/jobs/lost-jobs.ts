/** Accepted jobs that Temporal does not have: its database was lost, or restored to an older state. */
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import { readOrders } from '../../adapters/orders.ts'
import { type AcceptedJob, startOptions } from '../../workflows/contract/accepted-job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { wasDeleted } from './delete-job.ts'
import { isStored } from './stored-job.ts'
import { callTemporal } from './temporal-call.ts'

type Needed = Pick<ApiDependencies, 'client' | 'store'>

export interface LostJob {
  acceptedAt: Date
  job: AcceptedJob
}

/** Skips jobs that have ended in any way: the store has their results or records. */
export async function* lostJobs(deps: Needed): AsyncGenerator<LostJob> {
  for await (const { acceptedAt, job } of readOrders(deps.store)) {
    const accepted = job as AcceptedJob
    if (await isKnown(deps, accepted.id)) continue
    if ((await isStored(deps, accepted.id)) || (await wasDeleted(deps, accepted.id))) continue
    yield { acceptedAt, job: accepted }
  }
}

/** Starts it under its own ID, with all its data. @returns false if another process has already done so */
export async function submitAgain({ client }: Pick<Needed, 'client'>, { job }: LostJob): Promise<boolean> {
  try {
    await callTemporal(client, () => client.workflow.start(job.type, startOptions(job)))
    return true
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false
    throw error
  }
}

async function isKnown({ client }: Needed, id: string): Promise<boolean> {
  try {
    await callTemporal(client, () => client.workflow.getHandle(id).describe())
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
