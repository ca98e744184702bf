/**
 * Jobs come in while processes are killed. In the end every accepted job is there, once, and its files are, byte for
 * byte, what they are on a calm day.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { buckets } from '../../adapters/object-store/object-store.ts'
import { random } from '../engine/pictures.ts'
import { photo } from '../tiles/photos.ts'
import { type Delivery, deliver, insist } from './customer.ts'
import { type House, openHouse } from './house.ts'
import { everyKind, shuffled, tileLibrary, tilePhotos } from './orders.ts'

/** ms. A queue that nobody serves keeps the house from ever being ready. */
const readyWithin = 60_000

export interface ChaosOptions {
  /** Empty, of this run's own. */
  folder: string
  jobs: number
  seed: number
  /** ms between two kills of a worker. */
  every: number
  /** Servers that are killed once each, on the way. */
  servers: readonly ('api' | 'temporal' | 'store' | 'cache')[]
  say: (line: string) => void
}

export interface ChaosCounts {
  jobs: number
  succeeded: number
  /** Jobs of which some file differs from a calm day's. */
  different: number
  /** Jobs that Temporal ran more than once, and steps that were finished more than once. */
  repeatedJobs: number
  repeatedSteps: number
  /** Objects in the store that no job accounts for. */
  orphans: string[]
  inGallery: number
  mosaics: number
  workersKilled: number
  serversKilled: number
  /** Processes that ended by themselves. */
  deaths: number
  seconds: number
}

export async function runChaos(options: ChaosOptions): Promise<ChaosCounts> {
  const { folder, jobs, seed, say } = options
  const house = await openHouse(folder)
  try {
    await insist(`${house.url}/readyz`, {}, readyWithin)
    say(`ready: ${house.workers.length} workers, an API, Temporal, S3 and Redis`)
    await fillLibrary(house)
    const kinds = await everyKind()
    const calm = new Map<string, Delivery>()
    for (const order of kinds) calm.set(order.kind, await deliver(house.url, order, `calm ${order.kind}`))
    say(`calm: ${kinds.length} kinds of jobs, each made once`)

    const started = Date.now()
    const over = new AbortController()
    const violence = beViolent(house, options, over.signal)
    const orders = shuffled(kinds, jobs, seed)
    const settled = await Promise.allSettled(
      orders.map(async (order, i) => {
        // As they come in on a day: not all in one moment.
        await delay((i * options.every * 4) / 10)
        return await deliver(house.url, order, `chaos ${i}`)
      }),
    )
    over.abort()
    const serversKilled = await violence
    const deliveries = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    for (const one of settled) if (one.status === 'rejected') say(`lost: ${one.reason}`)
    const everything = [...calm.values(), ...deliveries]
    const counts: ChaosCounts = {
      jobs,
      succeeded: deliveries.length,
      different: deliveries.filter(({ order, files }) => {
        return JSON.stringify(files) !== JSON.stringify(calm.get(order.kind)!.files)
      }).length,
      ...(await repeated(house, everything)),
      orphans: await orphans(house, everything),
      inGallery: await galleryTotal(house),
      mosaics: everything.filter(({ job }) => job.type === 'mosaic').length,
      workersKilled: house.workers.reduce((sum, { kills }) => sum + kills, 0),
      serversKilled,
      deaths: [...house.workers, house.api].reduce((sum, { deaths }) => sum + deaths, 0),
      seconds: (Date.now() - started) / 1000,
    }
    for (const { name, deaths, said } of [...house.workers, house.api])
      if (deaths > 0) say(`${name} ended by itself, ${deaths} times: ${said}`)
    return counts
  } finally {
    await house.stop()
  }
}

async function fillLibrary(house: House): Promise<void> {
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

/** Kills until it is over. Returns how many servers it killed. */
async function beViolent(
  house: House,
  { every, seed, servers, say }: ChaosOptions,
  over: AbortSignal,
): Promise<number> {
  const next = random(seed + 1)
  const toKill = [...servers]
  let killed = 0
  for (let turn = 1; !over.aborted; turn++) {
    await delay(every * (0.5 + next()), undefined, { signal: over }).catch(() => {})
    if (over.aborted) break
    const server = turn % 3 === 0 ? toKill.shift() : undefined
    if (server !== undefined) {
      say(`kills ${server}`)
      killed++
      if (server === 'api') house.api.kill()
      else if (server === 'temporal') await house.killTemporal()
      else if (server === 'store') await house.killStore()
      else await house.killCache()
      continue
    }
    const worker = house.workers[Math.floor(next() * house.workers.length)]!
    say(`kills ${worker.name}`)
    worker.kill()
  }
  return killed
}

async function repeated(house: House, deliveries: readonly Delivery[]) {
  return await house.temporal(async (client) => {
    let repeatedJobs = 0
    let repeatedSteps = 0
    for (const { job } of deliveries) {
      const runs = await client.workflow.count(`WorkflowId = '${job.id}'`)
      if (runs.count !== 1) repeatedJobs++
      const { events = [] } = await client.workflow.getHandle(job.id).fetchHistory()
      const finished = (events ?? []).filter((event) => event.activityTaskCompletedEventAttributes)
      const steps = finished.map(({ activityTaskCompletedEventAttributes: done }) => {
        const scheduled = events?.find(({ eventId }) => String(eventId) === String(done?.scheduledEventId))
        return scheduled?.activityTaskScheduledEventAttributes?.activityType?.name
      })
      repeatedSteps += steps.length - new Set(steps).size
    }
    return { repeatedJobs, repeatedSteps }
  })
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
          // In `in/` only uploads and keys outlive their job.
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
