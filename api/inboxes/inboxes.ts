/** Inboxes: one workflow per watched place. Starts, pauses, stops and describes them. */
import type { Client } from '@temporalio/client'
import {
  type InboxConfig,
  type InboxJob,
  type InboxState,
  inboxId,
  newInbox,
} from '../../workflows/contract/inbox.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import { describeStanding, listStanding, type StandingWorkflow } from '../jobs/standing-workflow.ts'
import { callTemporal } from '../jobs/temporal-call.ts'

export type InboxDescription = StandingWorkflow<InboxConfig, InboxState>

/** Resumes a stopped inbox where it was; a running one is reconfigured. */
export async function startInbox(client: Client, config: InboxConfig): Promise<string> {
  const workflowId = inboxId(config.name)
  const known = await describeInbox(client, workflowId)
  const { reason: _reason, ...before } = known?.state ?? newInbox
  const job: InboxJob = { config, state: { ...before, doing: 'looking', paused: false } }
  await callTemporal(client, () =>
    client.workflow.signalWithStart('inbox', {
      workflowId,
      taskQueue: taskQueues.orchestration,
      args: [job],
      signal: 'configure',
      signalArgs: [config],
      staticSummary: `inbox ${config.name}`,
      memo: { inbox: job },
    }),
  )
  return workflowId
}

export const describeInbox = (client: Client, id: string) =>
  describeStanding<InboxConfig, InboxState>(client, 'inbox', id)

export const listInboxes = (client: Client) => listStanding<InboxConfig, InboxState>(client, 'inbox')
