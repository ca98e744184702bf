/** Workflows that are no jobs: one for each name, at work until it is stopped. Their configuration and state are in the memo. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { pendingSteps } from './decoded-payloads.ts'
import { callTemporal } from './temporal-call.ts'

export interface StandingWorkflow<Config, State> {
  id: string
  runId: string
  running: boolean
  config: Config
  state: State
  /** Why the running step failed last. */
  lastFailure?: string
}

/**
 * As a job is read: one DescribeWorkflowExecution, no worker is asked.
 * @param type the workflow's, and the name in the memo under which it keeps `{config, state}`
 */
export async function describeStanding<Config, State extends { doing: string }>(
  client: Client,
  type: string,
  id: string,
): Promise<StandingWorkflow<Config, State> | undefined> {
  try {
    const description = await callTemporal(client, () => client.workflow.getHandle(id).describe())
    const kept = description.memo?.[type] as { config: Config; state: State } | undefined
    if (description.type !== type || !kept) return undefined
    const { runId, status } = description
    const running = status.name === 'RUNNING'
    const [pending] = await pendingSteps(client, description)
    const failure = pending?.lastFailure?.message
    return {
      ...{ id, runId, running, config: kept.config },
      // One that was terminated had no time to say so.
      state: running ? kept.state : { ...kept.state, doing: 'stopped' },
      ...(failure && { lastFailure: failure }),
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

/** Those that Temporal remembers, stopped ones too. A new one appears after a moment. */
export async function listStanding<Config, State extends { doing: string }>(
  client: Client,
  type: string,
): Promise<StandingWorkflow<Config, State>[]> {
  const ids = new Set<string>()
  await callTemporal(client, async () => {
    for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = '${type}'` }))
      ids.add(workflowId)
  })
  const all = await Promise.all(
    [...ids].sort().map((id) => describeStanding<Config, State>(client, type, id)),
  )
  return all.flatMap((one) => one ?? [])
}

export const signalStanding = (client: Client, id: string, signal: 'pause' | 'resume') =>
  callTemporal(client, () => client.workflow.getHandle(id).signal(signal))

export const stopStanding = (client: Client, id: string) =>
  callTemporal(client, () => client.workflow.getHandle(id).cancel())
