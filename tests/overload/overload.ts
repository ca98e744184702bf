/** Ten times a service's capacity, for each kind of work: how requests are rejected, and whether accepted ones are done. */
import { setTimeout as delay } from 'node:timers/promises'
import pLimit from 'p-limit'
import sharp from 'sharp'
import { signPath } from '../../api/img/signature.ts'
import { capacity, flood } from './flood.ts'

export interface Flood {
  what: 'jobs' | 'pictures' | 'bulk jobs'
  /** Capacity per second, without rejections. */
  capacity: number
  asked: number
  accepted: number
  refused: number
  unavailable: number
  /** From the first request to the end of the last accepted one. */
  seconds: number
  /** Time until the request is accepted or rejected, ms. */
  p95: number
  /** Whether `/readyz` reported the limit; whether requests were rejected without that. */
  told: boolean
  silent: boolean
  /** Accepted, but failed or wrong. */
  lost: string[]
  withoutRetryAfter: number
  otherAnswers: string[]
}

export interface OverloadCounts {
  times: number
  floods: Flood[]
  /** Whether `/readyz` accepts new work again at the end. */
  readyAfterwards: boolean
  seconds: number
}

export interface Overload {
  site: string
  img: { key: Buffer; salt: Buffer }
  /** Duration of each flood. */
  seconds: number
  times: number
  log: (line: string) => void
}

/** Pictures per bulk job. */
const bulkItems = 20

export async function overload({ site, img, seconds, times, log }: Overload): Promise<OverloadCounts> {
  const started = performance.now()
  const photo = await noise(1200, 800)
  const small = (await noise(160, 120)).toString('base64')
  const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
    fetch(site + path, { method: 'POST', body, headers })
  const json = { 'Content-Type': 'application/json' }
  const { upload } = (await (await post('/v1/uploads', new Uint8Array(photo))).json()) as { upload: string }

  // Sizes and qualities that were never used before miss the cache.
  let made = 0
  const options = () => {
    const n = made++
    return { width: 100 + (n % 400), quality: 30 + (Math.floor(n / 400) % 70) }
  }
  const kinds: Record<Flood['what'], (wait: boolean) => Promise<Answer>> = {
    jobs: async (wait) => {
      const asked = options()
      // One in four brings its own picture.
      const input = made % 4 === 0 ? { base64: small } : { upload }
      const body = JSON.stringify({ type: 'resize', input, ...asked })
      const answer = await post('/v1/jobs', body, { ...json, ...(wait && { Prefer: 'wait=60' }) })
      return { answer, done: async () => await jobDone(site, await idOf(answer), asked.width) }
    },
    pictures: async () => {
      const { width, quality } = options()
      const path = `/w:${width}/q:${quality}/plain/upload:${upload}`
      const answer = await fetch(`${site}/img/${signPath(img, path)}${path}`)
      const bytes = answer.ok ? Buffer.from(await answer.arrayBuffer()) : undefined
      return { answer, done: async () => await isOfWidth(bytes!, width) }
    },
    'bulk jobs': async (wait) => {
      const { width, quality } = options()
      const uploads = Array.from({ length: bulkItems }, () => ({ upload }))
      const body = JSON.stringify({ input: { uploads }, width, quality, format: 'jpeg' })
      const answer = await post('/v1/bulk', body, json)
      const done = async () => await bulkDone(site, await idOf(answer))
      if (wait && answer.ok) await done()
      return { answer, done }
    },
  }

  const floods: Flood[] = []
  for (const what of ['jobs', 'pictures', 'bulk jobs'] as const) {
    const ask = kinds[what]
    const alone = await capacity(what === 'bulk jobs' ? 6 : 60, what === 'bulk jobs' ? 2 : 8, () => ask(true))
    log(`${what}: ${alone.toFixed(1)} a second; now ${(times * alone).toFixed(0)} a second for ${seconds} s`)
    const found = await flooded(site, what, alone, { seconds, times }, () => ask(false))
    log(JSON.stringify({ ...found, lost: found.lost.length }))
    floods.push(found)
  }
  const readyAfterwards = await eventually(async () => (await readiness(site, 'jobs')).ok)
  return { times, floods, readyAfterwards, seconds: (performance.now() - started) / 1000 }
}

interface Answer {
  answer: Response
  /** Waits for the end of an accepted job. @throws if its result is not as it should be */
  done: () => Promise<void>
}

async function flooded(
  site: string,
  what: Flood['what'],
  alone: number,
  { seconds, times }: Pick<Overload, 'seconds' | 'times'>,
  ask: () => Promise<Answer>,
): Promise<Flood> {
  const found = { what, capacity: alone, accepted: 0, refused: 0, unavailable: 0, withoutRetryAfter: 0 }
  const otherAnswers: string[] = []
  const latencies: number[] = []
  const accepted: Answer['done'][] = []
  const started = performance.now()
  const watch = watchReadiness(site, what === 'pictures' ? 'pictures' : 'jobs')
  const asked = await flood(times * alone, seconds, async () => {
    const begun = performance.now()
    try {
      const { answer, done } = await ask()
      latencies.push(performance.now() - begun)
      if (answer.ok) {
        found.accepted++
        accepted.push(done)
        return
      }
      if (answer.status === 429) found.refused++
      else if (answer.status === 503) found.unavailable++
      else otherAnswers.push(`${answer.status} ${await answer.text()}`)
      if (!/^[1-9]\d*$/.test(answer.headers.get('Retry-After') ?? '')) found.withoutRetryAfter++
    } catch (error) {
      otherAnswers.push(`${error} ${error instanceof Error ? error.cause : ''}`)
    }
  })
  const told = await watch.stop()
  const few = pLimit(16)
  const lost: string[] = []
  const wait = async (done: Answer['done']) => {
    await done().catch((error: Error) => lost.push(error.message))
  }
  await Promise.all(accepted.map((done) => few(() => wait(done))))
  latencies.sort((a, b) => a - b)
  return {
    ...{ ...found, asked, lost, otherAnswers, told },
    silent: found.refused > 0 && !told,
    seconds: (performance.now() - started) / 1000,
    p95: latencies[Math.floor(latencies.length * 0.95)] ?? 0,
  }
}

async function readiness(site: string, kind: 'jobs' | 'pictures') {
  const answer = await fetch(`${site}/readyz`)
  const body = (await answer.json()) as { accepting: Record<'jobs' | 'pictures', { ok: boolean }> }
  // A service at its limit is still ready, because its jobs are read there.
  return { ok: body.accepting[kind].ok, status: answer.status }
}

function watchReadiness(site: string, kind: 'jobs' | 'pictures') {
  let told = false
  let over = false
  const watching = (async () => {
    while (!over) {
      if (!(await readiness(site, kind)).ok) told = true
      await delay(100)
    }
  })()
  return {
    async stop() {
      over = true
      await watching
      return told
    },
  }
}

const idOf = async (answer: Response) => ((await answer.clone().json()) as { id: string }).id

interface Job {
  status: string
  error: { code: string } | null
  result: { items: number; succeeded: number } | null
}

async function ended(site: string, id: string): Promise<Job> {
  for (;;) {
    const answer = await fetch(`${site}/v1/jobs/${id}`, { headers: { Prefer: 'wait=30' } })
    // Single requests may be rejected meanwhile; the job exists all the same.
    if (answer.status === 429 || answer.status === 503) {
      await answer.body?.cancel()
      await delay(1000)
      continue
    }
    const job = (await answer.json()) as Job
    if (!answer.ok) throw new Error(`${id}: ${answer.status} ${JSON.stringify(job)}`)
    if (job.status !== 'queued' && job.status !== 'processing') return job
  }
}

async function jobDone(site: string, id: string, width: number): Promise<void> {
  const job = await ended(site, id)
  if (job.status !== 'succeeded') throw new Error(`${id}: ${job.status} ${job.error?.code}`)
  const result = await fetch(`${site}/v1/jobs/${id}/result`)
  await isOfWidth(Buffer.from(await result.arrayBuffer()), width)
}

async function bulkDone(site: string, id: string): Promise<void> {
  const { status, result, error } = await ended(site, id)
  if (status !== 'succeeded' || result?.succeeded !== bulkItems)
    throw new Error(`${id}: ${status} ${error?.code} ${JSON.stringify(result)}`)
}

async function isOfWidth(bytes: Buffer, wanted: number): Promise<void> {
  const { width } = await sharp(bytes).metadata()
  if (width !== wanted) throw new Error(`expected a picture of ${wanted} px, got ${width}`)
}

async function eventually(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (await isSo()) return true
    await delay(200)
  }
  return false
}

const noise = (width: number, height: number) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#777',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
    .jpeg()
    .toBuffer()
