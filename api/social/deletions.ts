/** The daily check for deleted posts: starts it, triggers it, describes it. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import {
  type DeletionsConfig,
  type DeletionsJob,
  deletionsId,
  newDeletions,
} from '../../workflows/contract/deletions.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import { pendingSteps } from '../jobs/decoded-payloads.ts'
import { callTemporal } from '../jobs/temporal-call.ts'

export interface DeletionsDescription extends DeletionsJob {
  status: 'looking' | 'resting' | 'stopped'
  /** Last failure of its step, while it waits for the next attempt. */
  lastFailure?: string
}

/** One per network; if it exists, it is reconfigured. If it has ended, it resumes where it was. */
export async function startDeletions(client: Client, config: DeletionsConfig): Promise<void> {
  const known = await describeDeletions(client, config.network)
  const job: DeletionsJob = { config, state: known?.state ?? newDeletions }
  await callTemporal(client, () =>
    client.workflow.signalWithStart('deletions', {
      workflowId: deletionsId(config.network),
      taskQueue: taskQueues.orchestration,
      args: [job],
      signal: 'configure',
      signalArgs: [config],
      staticSummary: `deleted posts on ${config.network}`,
      memo: { deletions: job },
    }),
  )
}

export async function lookForDeletions(client: Client, config: DeletionsConfig): Promise<void> {
  await startDeletions(client, config)
  await callTemporal(client, () => client.workflow.getHandle(deletionsId(config.network)).signal('lookNow'))
}

export async function describeDeletions(
  client: Client,
  network: string,
): Promise<DeletionsDescription | undefined> {
  try {
    const description = await callTemporal(client, () =>
      client.workflow.getHandle(deletionsId(network)).describe(),
    )
    const kept = description.memo?.deletions as DeletionsJob | undefined
    if (!kept) return undefined
    const [pending] = await pendingSteps(client, description)
    const failure = pending?.lastFailure?.message
    return {
      ...kept,
      status: description.status.name !== 'RUNNING' ? 'stopped' : pending ? 'looking' : 'resting',
      ...(failure && { lastFailure: failure }),
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}
