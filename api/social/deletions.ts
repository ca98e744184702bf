/** The daily check for deleted posts: starts it, triggers it, describes it. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { type DeletionsConfig, type DeletionsJob, deletionsId } from '../../workflows/contract/deletions.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import { callTemporal } from '../jobs/temporal-call.ts'

/** One per network; if it exists, it is reconfigured. */
export async function startDeletions(client: Client, config: DeletionsConfig): Promise<void> {
  const job: DeletionsJob = { config, state: { lookedUp: 0, gone: 0, tiles: 0, mosaics: 0 } }
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

export async function describeDeletions(client: Client, network: string): Promise<DeletionsJob | undefined> {
  try {
    const { memo } = await callTemporal(client, () =>
      client.workflow.getHandle(deletionsId(network)).describe(),
    )
    return (memo as { deletions?: DeletionsJob } | undefined)?.deletions
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}
