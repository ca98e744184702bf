/** Listeners: one workflow per account. Starts, stops and describes them. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import {
  type ListenerConfig,
  type ListenerJob,
  type ListenerState,
  type ListenProgress,
  listenerId,
} from '../../workflows/contract/listener.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import { pendingSteps } from '../jobs/decoded-payloads.ts'
import { callTemporal } from '../jobs/temporal-call.ts'
import type { Account } from './accounts.ts'

export interface ListenerDescription {
  id: string
  runId?: string
  running: boolean
  config?: ListenerConfig
  state?: ListenerState
  /** Present while a worker runs it. */
  progress?: ListenProgress
  /** Last failure of its step, while it waits for the next attempt. */
  lastFailure?: string
}

/**
 * Resumes where it was stopped, or starts from now. A running listener is reconfigured, so two concurrent starts result in one
 * listener.
 */
export async function startListener(
  client: Client,
  { network, account, listener }: Account,
): Promise<string> {
  const workflowId = listenerId(network, account)
  const { state } = await describeListener(client, { network, account })
  const job: ListenerJob = { config: listener, state: state ?? { since: Date.now(), mosaics: 0 } }
  await callTemporal(client, () =>
    client.workflow.signalWithStart('listener', {
      workflowId,
      taskQueue: taskQueues.orchestration,
      args: [job],
      signal: 'configure',
      signalArgs: [listener],
      staticSummary: `@${account} on ${network} listens for #${listener.hashtag}`,
      memo: { listener: { config: job.config, state: job.state } },
    }),
  )
  return workflowId
}

/** @returns false if it was not running: Temporal silently accepts the cancellation of a closed workflow */
export async function stopListener(
  client: Client,
  account: Pick<Account, 'network' | 'account'>,
): Promise<boolean> {
  const { id, running } = await describeListener(client, account)
  if (running) await callTemporal(client, () => client.workflow.getHandle(id).cancel())
  return running
}

/** Reads it like a job, with one DescribeWorkflowExecution and without a worker. */
export async function describeListener(
  client: Client,
  { network, account }: Pick<Account, 'network' | 'account'>,
): Promise<ListenerDescription> {
  const id = listenerId(network, account)
  try {
    const description = await callTemporal(client, () => client.workflow.getHandle(id).describe())
    const { memo, status, runId } = description
    const { config, state } = (memo?.listener ?? {}) as Partial<ListenerJob>
    const [pending] = await pendingSteps(client, description)
    const progress = pending?.heartbeat as ListenProgress | undefined
    return {
      id,
      runId,
      running: status.name === 'RUNNING',
      ...(config && { config }),
      ...(state && { state }),
      ...(progress && { progress }),
      ...(pending?.lastFailure?.message && { lastFailure: pending.lastFailure.message }),
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { id, running: false }
    throw error
  }
}
