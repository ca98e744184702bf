/** Inboxes: one workflow for each watched place, started, paused, stopped and told of. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import {
  type InboxConfig,
  type InboxJob,
  type InboxState,
  inboxId,
  newInbox,
} from '../../workflows/contract/inbox.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import { pendingSteps } from '../jobs/decoded-payloads.ts'
import { callTemporal } from '../jobs/temporal-call.ts'

export interface InboxDescription {
  id: string
  runId: string
  running: boolean
  config: InboxConfig
  state: InboxState
  /** Why the running step failed last. */
  lastFailure?: string
}

/** Goes on where it was; one that runs is given the configuration and goes on. */
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

/** As a job is read: one DescribeWorkflowExecution, no worker is asked. */
export async function describeInbox(client: Client, id: string): Promise<InboxDescription | undefined> {
  try {
    const description = await callTemporal(client, () => client.workflow.getHandle(id).describe())
    const { memo, status, runId, type } = description
    const { inbox } = (memo ?? {}) as { inbox?: InboxJob }
    if (type !== 'inbox' || !inbox) return undefined
    const running = status.name === 'RUNNING'
    const [pending] = await pendingSteps(client, description)
    const failure = pending?.lastFailure?.message
    return {
      ...{ id, runId, running, config: inbox.config },
      state: running ? inbox.state : { ...inbox.state, doing: 'stopped' },
      ...(failure && { lastFailure: failure }),
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

/** Those that Temporal remembers, stopped ones too. A new one appears after a moment. */
export async function listInboxes(client: Client): Promise<InboxDescription[]> {
  const ids = new Set<string>()
  for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'inbox'` }))
    ids.add(workflowId)
  const all = await Promise.all([...ids].sort().map((id) => describeInbox(client, id)))
  return all.flatMap((one) => one ?? [])
}

export const signalInbox = (client: Client, id: string, signal: 'pause' | 'resume') =>
  callTemporal(client, () => client.workflow.getHandle(id).signal(signal))

export const stopInbox = (client: Client, id: string) =>
  callTemporal(client, () => client.workflow.getHandle(id).cancel())
