/**
 * Starts jobs while processes are killed. In the end every accepted job must exist exactly once, and its files must be byte for
 * byte the same as without failures.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { buckets } from '../../adapters/object-store/object-store.ts'
import { random } from '../engine/pictures.ts'
import type { Fault } from '../servers/fault-proxy.ts'
import { photo } from '../tiles/photos.ts'
import { type Delivery, deliver, insist } from './customer.ts'
import { type House, openHouse } from './house.ts'
import type { Leftovers } from './leftovers.ts'
import { everyKind, shuffled, tileLibrary, tilePhotos } from './orders.ts'
import { countRepeats } from './repeats.ts'
import type { Service } from './service.ts'

/** Timeout of readiness, ms: a queue without a worker would keep the deployment from ever being ready. */
const readyWithin = 60_000

/** A server is killed; Redis loses its data; a disk is full for a while; a new build is deployed. */
export type ChaosEvent = 'api' | 'temporal' | 'store' | 'cache' | 'flush' | 'disk' | 'deploy'

/** How long the disk is full, ms. Steps that fail because of it are retried for about a minute. */
const fullFor = 4_000

export interface ChaosOptions {
  /** An empty folder for this run. */
  folder: string
  jobs: number
  seed: number
  /** Interval between kills of a worker, ms. */
  every: number
  /** Other failures, once each. */
  events: readonly ChaosEvent[]
  /** Share of requests to S3 that fail, hang or are cut off. */
  s3Faults: number
  say: (line: string) => void
}

export interface ChaosCounts {
  jobs: number
  succeeded: number
  /** Jobs with a file that differs from a run without failures. */
  different: number
  /** Jobs that ran more than once in Temporal, and steps that completed more than once. */
  repeatedJobs: number
  repeatedSteps: number
  /** Objects in the store that belong to no job. */
  orphans: string[]
  inGallery: number
  mosaics: number
  workersKilled: number
  /** In chronological order. */
  events: ChaosEvent[]
  /** Faults of requests to S3, with counts. */
  s3Faults: Record<Fault, number>
  /** Files in scratch spaces and orphaned processes after everything has ended. */
  leftFiles: string[]
  leftProcesses: string[]
  /** Processes that died by themselves. */
  deaths: number
  seconds: number
}

export async function runChaos(options: ChaosOptions): Promise<ChaosCounts> {
  const { folder, jobs, seed, say } = options
  const house = await openHouse(folder, seed + 2)
  let left: Leftovers | undefined
  try {
    await insist(`${house.url}/readyz`, {}, readyWithin)
    say(`ready: ${house.workers.length} workers, an API, Temporal, S3 and Redis`)
    await fillLibrary(house)
    const kinds = await everyKind()
    const made = await Promise.all(kinds.map((order) => deliver(house.url, order, `calm ${order.kind}`)))
    const calm = new Map<string, Delivery>(made.map((one) => [one.order.kind, one]))
    say(`calm: ${kinds.length} kinds of jobs, each made once`)

    const started = Date.now()
    const over = new AbortController()
    house.s3Faults.rate = options.s3Faults
    const violence = beViolent(house, options, over.signal)
    const orders = shuffled(kinds, jobs, seed)
    const settled = await Promise.allSettled(
      orders.map(async (order, i) => {
        // Spread over time, not all at once.
        await delay((i * options.every * 4) / 10)
        return await deliver(house.url, order, `chaos ${i}`)
      }),
    )
    over.abort()
    const events = await violence
    house.s3Faults.rate = 0
    const deliveries = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    for (const one of settled) if (one.status === 'rejected') say(`lost: ${one.reason}`)
    const everything = [...calm.values(), ...deliveries]
    const repeats = await house.temporal((client) =>
      countRepeats(
        client,
        everything.map(({ job }) => job.id),
      ),
    )
    const counts: ChaosCounts = {
      jobs,
      succeeded: deliveries.length,
      different: deliveries.filter(({ order, files }) => {
        return JSON.stringify(files) !== JSON.stringify(calm.get(order.kind)!.files)
      }).length,
      repeatedJobs: repeats.jobs,
      repeatedSteps: repeats.steps,
      orphans: await orphans(house, everything),
      inGallery: await galleryTotal(house),
      mosaics: everything.filter(({ job }) => job.type === 'mosaic').length,
      workersKilled: sum(house, ({ kills }) => kills) - house.api.kills,
      events,
      s3Faults: house.s3Faults.done,
      leftFiles: [],
      leftProcesses: [],
      deaths: sum(house, ({ deaths }) => deaths),
      seconds: (Date.now() - started) / 1000,
    }
    for (const { name, lastWords } of house.services)
      for (const words of lastWords) say(`${name} ended by itself, ${words}`)
    left = await house.stop()
    return { ...counts, leftFiles: left.files, leftProcesses: left.processes }
  } finally {
    if (!left) await house.stop()
  }
}

const sum = ({ services }: House, figure: (service: Service) => number) =>
  services.reduce((total, service) => total + figure(service), 0)

export async function fillLibrary(house: Pick<House, 'url'>): Promise<void> {
  const form = new FormData()
  form.set('job', JSON.stringify({ library: tileLibrary }))
  for (let n = 0; n < tilePhotos; n++)
    form.append('image', new File([Buffer.from(await photo(100 + n))], `${n}.jpg`, { type: 'image/jpeg' }))
  const answer = await insist(`${house.url}/v1/tiles`, { method: 'POST', body: form })
  const { urls } = (await answer.json()) as { urls: { self: string } }
  for (;;) {
    const job = (await (await insist(urls.self, { headers: { Prefer: 'wait=30' } })).json()) as {
      status: string
    }
    if (job.status === 'succeeded') return
    if (job.status === 'failed') throw new Error('the tile library could not be filled')
  }
}

/** Continues until the run is over. @returns failures other than killed workers */
async function beViolent(
  house: House,
  { every, seed, events, say }: ChaosOptions,
  over: AbortSignal,
): Promise<ChaosEvent[]> {
  const next = random(seed + 1)
  const toCome = [...events]
  const happened: ChaosEvent[] = []
  for (let turn = 1; !over.aborted; turn++) {
    await delay(every * (0.5 + next()), undefined, { signal: over }).catch(() => {})
    if (over.aborted) break
    const event = turn % 2 === 0 ? toCome.shift() : undefined
    if (event !== undefined) {
      say(`event: ${event}`)
      happened.push(event)
      await happen(house, event)
      continue
    }
    // On a busy machine, a start takes longer than the interval: only one is down at a time, so that the others make progress.
    if (house.workers.some((one) => !one.working)) continue
    const worker = house.workers[Math.floor(next() * house.workers.length)]!
    say(`kills ${worker.name}`)
    worker.kill()
  }
  return happened
}

async function happen(house: House, event: ChaosEvent): Promise<void> {
  switch (event) {
    case 'api':
      return house.api.kill()
    case 'temporal':
      return await house.killTemporal()
    case 'store':
      return await house.killStore()
    case 'cache':
      return await house.killCache()
    case 'flush':
      return await house.flushCache()
    case 'disk':
      return await house.fillDisk(fullFor)
    case 'deploy':
      return await house.deploy('build-2')
  }
}

async function orphans(house: House, deliveries: readonly Delivery[]): Promise<string[]> {
  const known = new Set(deliveries.map(({ job }) => job.id))
  const store = await house.store()
  const found: string[] = []
  try {
    for (const bucket of buckets) {
      if (bucket === 'raw') continue
      let after: string | undefined
      do {
        const page = await store.list(bucket, { limit: 1000, ...(after !== undefined && { after }) })
        for (const { key } of page.objects) {
          const id = /(?:mosaic|resize)-[0-9a-z]{26}/.exec(key)?.[0]
          // In `in/`, only uploads and keys outlive their jobs.
          if (id !== undefined && (bucket === 'in' || !known.has(id))) found.push(`${bucket}/${key}`)
        }
        after = page.next
      } while (after !== undefined)
    }
  } finally {
    await store.close()
  }
  return found
}

async function galleryTotal(house: House): Promise<number> {
  return ((await (await insist(`${house.url}/v1/gallery?limit=1`)).json()) as { total: number }).total
}
