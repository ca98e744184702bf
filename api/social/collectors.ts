/** Collectors: one workflow for each tile library that a network fills, started, paused, stopped and told of. */
import { createHash } from 'node:crypto'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import {
  type CollectorConfig,
  type CollectorJob,
  type CollectorState,
  collectorId,
  newCollector,
} from '../../workflows/contract/collector.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import { pendingSteps } from '../jobs/decoded-payloads.ts'
import { callTemporal } from '../jobs/temporal-call.ts'

export interface CollectorDescription {
  id: string
  runId: string
  running: boolean
  config: CollectorConfig
  state: CollectorState
  /** Why the running step failed last. */
  lastFailure?: string
}

/** What nobody has to say. */
export const usualCollector = {
  dailyReads: 200,
  languages: [],
  smallestSide: 200,
  photosPerAuthor: 4,
  tilesAtMost: 50_000,
  everySeconds: 15 * 60,
} satisfies Partial<CollectorConfig>

/** The library of a hashtag that nobody has named one for: its own name, or, in another script, a hash of it. */
export function libraryOf(hashtag: string): string {
  const name = hashtag.toLowerCase().replaceAll('_', '-')
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return name
  return `hashtag-${createHash('sha256').update(hashtag.toLowerCase()).digest('hex').slice(0, 12)}`
}

/** Goes on where it was; one that runs is given the configuration and goes on. Paused or not, it collects from here on. */
export async function startCollector(client: Client, config: CollectorConfig): Promise<string> {
  const workflowId = collectorId(config.network, config.library)
  const known = await describeCollector(client, workflowId)
  const goesOn = known && known.config.hashtags.join() === config.hashtags.join()
  const { reason: _reason, ...before } = known?.state ?? newCollector
  const state: CollectorState = goesOn ? { ...before, doing: 'collecting', paused: false } : newCollector
  const job: CollectorJob = { config, state }
  await callTemporal(client, () =>
    client.workflow.signalWithStart('collector', {
      workflowId,
      taskQueue: taskQueues.orchestration,
      args: [job],
      signal: 'configure',
      signalArgs: [config],
      staticSummary: `${config.hashtags.map((tag) => `#${tag}`).join(' ')} into ${config.library}`,
      memo: { collector: job },
    }),
  )
  if (known?.running) await callTemporal(client, () => client.workflow.getHandle(workflowId).signal('resume'))
  return workflowId
}

/** As a job is read: one DescribeWorkflowExecution, no worker is asked. */
export async function describeCollector(
  client: Client,
  id: string,
): Promise<CollectorDescription | undefined> {
  try {
    const description = await callTemporal(client, () => client.workflow.getHandle(id).describe())
    const { memo, status, runId, type } = description
    const { collector } = (memo ?? {}) as { collector?: CollectorJob }
    if (type !== 'collector' || !collector) return undefined
    const running = status.name === 'RUNNING'
    const [pending] = await pendingSteps(client, description)
    const failure = pending?.lastFailure?.message
    return {
      ...{ id, runId, running, config: collector.config },
      state: running ? collector.state : { ...collector.state, doing: 'stopped' },
      ...(failure && { lastFailure: failure }),
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

/** Those that Temporal remembers, stopped ones too. A new one appears after a moment. */
export async function listCollectors(client: Client): Promise<CollectorDescription[]> {
  const ids = new Set<string>()
  for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'collector'` }))
    ids.add(workflowId)
  const all = await Promise.all([...ids].sort().map((id) => describeCollector(client, id)))
  return all.flatMap((one) => one ?? [])
}

export const signalCollector = (client: Client, id: string, signal: 'pause' | 'resume') =>
  callTemporal(client, () => client.workflow.getHandle(id).signal(signal))

export const stopCollector = (client: Client, id: string) =>
  callTemporal(client, () => client.workflow.getHandle(id).cancel())
