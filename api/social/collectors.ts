/** Collectors: one workflow per network and tile library. Starts, pauses, stops and describes them. */
import { createHash } from 'node:crypto'
import type { Client } from '@temporalio/client'
import {
  type CollectorConfig,
  type CollectorJob,
  type CollectorState,
  collectorId,
  newCollector,
} from '../../workflows/contract/collector.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import { describeStanding, listStanding, type StandingWorkflow } from '../jobs/standing-workflow.ts'
import { callTemporal } from '../jobs/temporal-call.ts'

export type CollectorDescription = StandingWorkflow<CollectorConfig, CollectorState>

/** Default configuration. */
export const usualCollector = {
  dailyReads: 200,
  languages: [],
  smallestSide: 200,
  photosPerAuthor: 4,
  tilesAtMost: 50_000,
  everySeconds: 15 * 60,
} satisfies Partial<CollectorConfig>

/** Default library of a hashtag: the hashtag itself or, if it is in another script, a hash of it. */
export function libraryOf(hashtag: string): string {
  const name = hashtag.toLowerCase().replaceAll('_', '-')
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return name
  return `hashtag-${createHash('sha256').update(hashtag.toLowerCase()).digest('hex').slice(0, 12)}`
}

/** Resumes a stopped collector where it was; a running one is reconfigured, and resumed if it is paused. */
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

export const describeCollector = (client: Client, id: string) =>
  describeStanding<CollectorConfig, CollectorState>(client, 'collector', id)

export const listCollectors = (client: Client) =>
  listStanding<CollectorConfig, CollectorState>(client, 'collector')
