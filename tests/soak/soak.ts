/**
 * Creates posts while X responds with all kinds of faults, is down for a while, and the processes that listen and reply are
 * killed. In the end every post must have exactly one mosaic and one reply.
 */

import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import * as layout from '../../adapters/object-store/layout.ts'
import type { MosaicResult } from '../../workflows/contract/job.ts'
import { type ListenerConfig, listenerId } from '../../workflows/contract/listener.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import type { listener } from '../../workflows/index.ts'
import { mulberry32 } from '../servers/x/faults.ts'
import type { FakeX } from '../servers/x/start-x.ts'
import type { StreamFault } from '../servers/x/stream.ts'
import type { Respawned } from './respawned.ts'
import type { Stage } from './stage.ts'

export interface SoakOptions {
  posts: number
  /** Time over which posts are created. */
  seconds: number
  seed: number
  mode: ListenerConfig['mode']
  /** Share of calls to X that fail, 0..1. */
  faults: number
  /** Kills of listener and publisher together. */
  kills: number
  /** How long X is down in the middle, seconds. */
  down: number
  /** Timeout after the last post, seconds. */
  patience: number
  say: (line: string) => void
}

export interface SoakCounts {
  posts: number
  mosaics: number
  answers: number
  /** Posts without a mosaic, and without a reply. */
  withoutMosaic: number
  unanswered: number
  /** Posts with more than one reply. */
  twice: number
  /** Jobs with the status `published`, and with others. */
  published: number
  otherwise: number
  kills: number
  callsToX: number
  /** Median and 95th percentile from post to reply, faults included, seconds. */
  p50: number
  p95: number
  seconds: number
}

/** On a stage that others may have played on before, one at a time. */
export async function runSoak(stage: Stage, options: SoakOptions): Promise<SoakCounts> {
  const { posts, seed, mode, say } = options
  const random = mulberry32(seed)
  const started = Date.now()
  const { client, fake, store, listening, publishing } = stage
  // Nothing is left of a soak before this one.
  await fake.reset()
  const killsBefore = listening.kills + publishing.kills
  const handle = await listen(client, mode)
  say(`ready: seed ${seed}, listening by ${mode}`)

  await fake.faultsAtRandom(seed, options.faults)
  const asked: string[] = []
  const over = new AbortController()
  const violence = beViolent(options, { fake, listening, publishing, random, signal: over.signal })
  const gaps = Array.from({ length: posts }, () => -Math.log(1 - random()))
  const scale = (options.seconds * 1000) / gaps.reduce((sum, gap) => sum + gap, 0)
  for (const [n, gap] of gaps.entries()) {
    await delay(gap * scale)
    const { id } = await fake.post({ text: `${n} @mosaicbot #mosaicme 名前 🎉`, by: `person${n % 40}` })
    asked.push(id)
  }
  say(`all ${posts} posts are out`)
  await untilAnswered(client, fake, asked, options.patience, say)
  over.abort()
  await violence
  await fake.calm()
  // The faults are over, the jobs are not: what would answer once more has the time to.
  const results = await resultsOf(client, asked)
  await handle.cancel()
  await handle.result()

  const state = await fake.state()
  const answers = new Map(asked.map((id) => [id, state.own.filter(({ reply_to }) => reply_to === id)]))
  const records = await Promise.all(
    asked.map((id) => {
      const { bucket, key } = layout.mosaic.record(`mosaic-x-${id}`)
      return store.head(bucket, key)
    }),
  )
  const waits = [...answers.values()]
    .flatMap(([first]) => (first ? [secondsBetween(first.reply_to!, first.id)] : []))
    .sort((a, b) => a - b)
  const published = results.filter((result) => result?.publication?.status === 'published').length
  return {
    posts,
    mosaics: records.filter((record) => record !== undefined).length,
    answers: state.own.length,
    withoutMosaic: records.filter((record) => record === undefined).length,
    unanswered: [...answers.values()].filter((found) => found.length === 0).length,
    twice: [...answers.values()].filter((found) => found.length > 1).length,
    published,
    otherwise: posts - published,
    kills: listening.kills + publishing.kills - killsBefore,
    callsToX: Object.values(state.calls).reduce((sum, count) => sum + count, 0),
    p50: waits[Math.floor(waits.length * 0.5)] ?? 0,
    p95: waits[Math.floor(waits.length * 0.95)] ?? 0,
    seconds: Math.round((Date.now() - started) / 1000),
  }
}

async function listen(client: Client, mode: ListenerConfig['mode']) {
  const config: ListenerConfig = {
    ...{ network: 'x', hashtag: 'mosaicme', mode, optOutWord: 'nomosaic' },
    params: { library: 'small', cell: 16, scale: 2, distance: 1, quality: 85 },
  }
  return await client.workflow.start<typeof listener>('listener', {
    workflowId: listenerId('x', 'mosaicbot'),
    taskQueue: taskQueues.orchestration,
    args: [{ config, state: { since: Date.now(), mosaics: 0 } }],
  })
}

interface Victims {
  fake: FakeX
  listening: Respawned
  publishing: Respawned
  random: () => number
  signal: AbortSignal
}

/** Kills processes, breaks streams, and takes X down once. */
async function beViolent(options: SoakOptions, victims: Victims): Promise<void> {
  const { kills, seconds, down, mode } = options
  const { fake, listening, publishing, random, signal } = victims
  const streamFaults: StreamFault[] = ['stall', 'cut', 'end', 'twice', 'disorder', 'split']
  const pause = (seconds * 1000) / (kills + 1)
  for (let n = 0; n < kills && !signal.aborted; n++) {
    await delay(pause * (0.5 + random()), undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    if (n === Math.floor(kills / 2)) await fake.down(down * 1000)
    if (mode === 'stream') await fake.streamFault(streamFaults[Math.floor(random() * streamFaults.length)]!)
    const victim = n % 2 === 0 ? publishing : listening
    victim.kill()
  }
}

async function untilAnswered(
  client: Client,
  fake: FakeX,
  asked: string[],
  patience: number,
  say: (line: string) => void,
): Promise<void> {
  const giveUpAt = Date.now() + patience * 1000
  let told = 0
  for (;;) {
    const { own } = await fake.state()
    const open = asked.filter((id) => !own.some(({ reply_to }) => reply_to === id))
    if (open.length === 0) return
    if (Date.now() > giveUpAt) {
      for (const id of open.slice(0, 5)) say(`given up: ${await whereabouts(client, id)}`)
      return
    }
    if (Date.now() - told > 15_000) {
      told = Date.now()
      say(`${asked.length - open.length} of ${asked.length} are answered`)
    }
    await delay(250)
  }
}

async function whereabouts(client: Client, id: string): Promise<string> {
  const handle = client.workflow.getHandle(`mosaic-x-${id}`)
  try {
    const { status, raw } = await handle.describe()
    const [step] = raw.pendingActivities ?? []
    const failure = step?.lastFailure?.message
    return `${handle.workflowId} is ${status.name} at ${step?.activityType?.name}, attempt ${step?.attempt}: ${failure}`
  } catch (error) {
    return `${handle.workflowId}: ${error}`
  }
}

/** The jobs' results; `undefined` if one does not exist or has not ended. */
async function resultsOf(client: Client, asked: string[]): Promise<(MosaicResult | undefined)[]> {
  const signal = AbortSignal.timeout(60_000)
  setMaxListeners(0, signal)
  return await Promise.all(
    asked.map(async (id) => {
      try {
        const handle = client.workflow.getHandle(`mosaic-x-${id}`)
        return (await client.withAbortSignal(signal, () => handle.result())) as MosaicResult
      } catch {
        return undefined // Counted as one that does not say `published`.
      }
    }),
  )
}

const timeOf = (id: string) => Number(BigInt(id) >> 22n)
const secondsBetween = (a: string, b: string) => Math.round((timeOf(b) - timeOf(a)) / 100) / 10
