/** Long-running workflows that are not jobs: one per name, active until stopped. Configuration and state are in the memo. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { pendingSteps } from './decoded-payloads.ts'
import { callTemporal } from './temporal-call.ts'

export interface StandingWorkflow<Config, State> {
  id: string
  runId: string
  running: boolean
  config: Config
  state: State
  /** Last failure of the running step. */
  lastFailure?: string
}

/**
 * Reads it like a job, with one DescribeWorkflowExecution and without a worker.
 * @param type of the workflow, which is also the name of its `{config, state}` in the memo
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
      // A terminated workflow could not update its state.
      state: running ? kept.state : { ...kept.state, doing: 'stopped' },
      ...(failure && { lastFailure: failure }),
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

/** All within Temporal's retention, including stopped ones. A new one appears after a moment. */
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

/**
 * What a process that starts should know of it. `stopped`: by a person, who does not expect the next process to start it again.
 * `absent`: never started, ended by an error, or forgotten by Temporal.
 */
export async function presenceOf(client: Client, id: string): Promise<'running' | 'stopped' | 'absent'> {
  try {
    const { status } = await callTemporal(client, () => client.workflow.getHandle(id).describe())
    if (status.name === 'RUNNING' || status.name === 'PAUSED') return 'running'
    return status.name === 'FAILED' || status.name === 'TIMED_OUT' ? 'absent' : 'stopped'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'absent'
    throw error
  }
}

export const signalStanding = (client: Client, id: string, signal: 'pause' | 'resume') =>
  callTemporal(client, () => client.workflow.getHandle(id).signal(signal))

export const stopStanding = (client: Client, id: string) =>
  callTemporal(client, () => client.workflow.getHandle(id).cancel())
