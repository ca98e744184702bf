/**
 * The effect of deployments on users: jobs under load while every worker is restarted, one after the other,
 * and while a new build takes over from the old one. API, two workers for all queues, Temporal, an S3 server
 * and Redis are separate processes.
 *
 *   npm run build && npx tsx bench/rolling-restart.ts [--clients 6] [--calm 15]
 *
 * `--calm`: seconds of each undisturbed phase, for comparison. Exits with 1 when a job failed or a step
 * completed twice.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Client } from '@temporalio/client'
import { fillLibrary } from '../tests/chaos/chaos.ts'
import { deliver, insist } from '../tests/chaos/customer.ts'
import { openHouse } from '../tests/chaos/house.ts'
import { tileLibrary } from '../tests/chaos/orders.ts'
import { countRepeats } from '../tests/chaos/repeats.ts'
import { photo } from '../tests/tiles/photos.ts'
import { taskQueues } from '../workflows/contract/task-queues.ts'

const { values } = parseArgs({
  options: { clients: { type: 'string', default: '6' }, calm: { type: 'string', default: '15' } },
})
/** One job in this many is a mosaic, of seven steps; the others are resizes. */
const mosaicEvery = 6

interface Done {
  id: string
  /** ms since 1970. */
  asked: number
  over: number
}
interface Phase {
  name: string
  from: number
  to: number
}

const base64 = Buffer.from(await photo(3, { width: 640, height: 480 })).toString('base64')
/** All different, so that no earlier result is reused. */
const orderOf = (n: number) => ({
  kind: `job ${n}`,
  body:
    n % mosaicEvery === 0
      ? { type: 'mosaic', library: tileLibrary, cell: 16, distance: 2, scale: 2, input: { base64 } }
      : { type: 'resize', width: 32 + n, input: { base64 } },
})

const done: Done[] = []
const failed: string[] = []
async function client(url: string, next: () => number, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const n = next()
    try {
      const { job } = await deliver(url, orderOf(n), `rolling ${n}`)
      done.push({ id: job.id, asked: Date.parse(job.created_at), over: Date.parse(job.completed_at!) })
    } catch (error) {
      failed.push(String(error))
    }
  }
}

function row({ name, from, to }: Phase): string {
  const ends = done.map((one) => one.over).filter((end) => end >= from && end <= to)
  const points = [from, ...ends.toSorted((a, b) => a - b), to]
  const gap = Math.max(...points.slice(1).map((point, i) => point - points[i]!))
  const took = done
    .filter(({ asked }) => asked >= from && asked <= to)
    .map(({ asked, over }) => over - asked)
    .toSorted((a, b) => a - b)
  const at = (share: number) => ((took[Math.floor(took.length * share)] ?? 0) / 1000).toFixed(2)
  const seconds = (to - from) / 1000
  const rate = (ends.length / seconds).toFixed(1)
  return `| ${name} | ${seconds.toFixed(0)} | ${ends.length} | ${rate} | ${at(0.5)}, ${at(0.95)} | ${(gap / 1000).toFixed(1)} |`
}

/** The longest gap between two events of a job's history. */
async function longestWait(temporal: Client, id: string): Promise<string> {
  const { events } = await temporal.workflow.getHandle(id).fetchHistory()
  const entries = (events ?? []).map((event) => ({
    what: `${event.eventId} ${event.attributes}`.replace('EventAttributes', ''),
    at: Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6,
  }))
  const waits = entries
    .slice(1)
    .map((event, i) => ({ event, before: entries[i]!, ms: event.at - entries[i]!.at }))
  const { event, before, ms } = waits.toSorted((a, b) => b.ms - a.ms)[0]!
  return `${(ms / 1000).toFixed(1)} s of them between ${before.what} and ${event.what}`
}

const folder = await mkdtemp(join(tmpdir(), 'mosaicme-rolling-'))
const everything = Object.values(taskQueues).join(',')
const house = await openHouse(folder, 1, { 'worker 1': everything, 'worker 2': everything })
try {
  await insist(`${house.url}/readyz`, {}, 60_000)
  await fillLibrary(house)
  const phases: Phase[] = []
  const phase = async (name: string, act: () => Promise<unknown>) => {
    const from = Date.now()
    await act()
    phases.push({ name, from, to: Date.now() })
  }
  const calm = () => delay(Number(values.calm) * 1000)

  const over = new AbortController()
  let n = 0
  const clients = Array.from({ length: Number(values.clients) }, () =>
    client(house.url, () => n++, over.signal),
  )
  // The first jobs load the tile library.
  await delay(3_000)
  await phase('calm', calm)
  await phase('every worker restarted', async () => {
    for (const worker of house.workers) await worker.restart()
  })
  await phase('calm again', calm)
  await phase('a new build takes over', () => house.deploy('build-2'))
  await phase('calm at last', calm)
  over.abort()
  await Promise.all(clients)

  const ids = done.map(({ id }) => id)
  const repeats = await house.temporal((temporal) => countRepeats(temporal, ids))
  console.log('| phase | s | jobs over | a second | p50, p95 s | longest gap s |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const one of phases) console.log(row(one))
  console.log(
    `${ids.length + failed.length} jobs: failed ${failed.length}, run twice ${repeats.jobs}, steps finished twice ${repeats.steps}, ` +
      `steps that needed another attempt ${repeats.attempts}`,
  )
  const slowest = done.toSorted((a, b) => b.over - b.asked - (a.over - a.asked))[0]!
  console.log(
    `the slowest, ${slowest.id}, took ${((slowest.over - slowest.asked) / 1000).toFixed(1)} s: ` +
      (await house.temporal((temporal) => longestWait(temporal, slowest.id))),
  )
  for (const why of failed) console.log(why)
  if (failed.length + repeats.jobs + repeats.steps > 0) process.exitCode = 1
} finally {
  await house.stop()
  await rm(folder, { recursive: true, force: true })
}
