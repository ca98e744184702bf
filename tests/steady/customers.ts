/** The load of a steady run: starts jobs, follows each to its end and checks the result. */
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import type { Job } from '../../api/client.ts'
import { insist } from '../chaos/customer.ts'
import type { Kind } from './record.ts'

/** Number of pictures; a bulk job contains all of them. */
const pictures = 24
const size = { width: 1600, height: 1067 }
/** Timeout of a job, ms. */
const longest = 600_000

export interface Done {
  id: string
  /** From the request to the response that it is done, ms. */
  tookMs: number
}

export interface Customers {
  /** Per kind: starts a job, and resolves when it is done and correct. @throws if it is not */
  ask: Record<Kind, () => Promise<Done>>
  /** Responses with 429 or 503 so far. */
  readonly refused: number
  /** Results compared with the first one of the same job so far. */
  readonly compared: number
}

export async function openCustomers(site: string): Promise<Customers> {
  const counts = { refused: 0, compared: 0 }
  const made: Record<Kind, number> = { resizes: 0, mosaics: 0, 'large mosaics': 0, 'bulk jobs': 0 }
  const firsts = new Map<string, string>()

  const uploads: string[] = []
  for (let n = 0; n < pictures; n++) uploads.push(await upload(await noise(size)))
  const small = await noise({ width: 800, height: 533 })
  const photos: string[] = []
  for (let n = 0; n < 3; n++) photos.push(await upload(await noise({ width: 480, height: 320 })))

  async function upload(bytes: Buffer): Promise<string> {
    const answer = await post('/v1/uploads', { body: new Uint8Array(bytes) })
    return ((await answer.json()) as { upload: string }).upload
  }

  /** Posts, and retries after Retry-After while the service is full. */
  async function post(path: string, init: RequestInit): Promise<Response> {
    for (;;) {
      const answer = await fetch(site + path, { method: 'POST', ...init })
      if (answer.ok) return answer
      const said = await answer.text()
      if (answer.status !== 429 && answer.status !== 503)
        throw new Error(`POST ${path}: ${answer.status} ${said.slice(0, 300)}`)
      counts.refused++
      await delay(1000 * (Number(answer.headers.get('Retry-After')) || 1))
    }
  }

  const order = (body: object, wait = 0): RequestInit => ({
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...(wait > 0 && { Prefer: `wait=${wait}` }) },
  })

  /** Starts a job and waits for its end. */
  async function finished(path: string, init: RequestInit): Promise<Done> {
    const begun = performance.now()
    let job = (await (await post(path, init)).json()) as Job
    while (job.status === 'queued' || job.status === 'processing') {
      if (performance.now() - begun > longest)
        throw new Error(`${job.id} is not over after ${longest / 60_000} min, it is ${job.status}`)
      const answer = await insist(`${site}/v1/jobs/${job.id}`, { headers: { Prefer: 'wait=20' } })
      job = (await answer.json()) as Job
    }
    if (job.status !== 'succeeded')
      throw new Error(`${job.id}: ${job.status} ${job.error?.code} ${job.error?.message}`)
    return { id: job.id, tookMs: performance.now() - begun }
  }

  const fileOf = async (id: string, place: string) =>
    Buffer.from(await (await insist(`${site}/v1/jobs/${id}/${place}`)).arrayBuffer())

  /** A repeated job must give the same bytes. */
  function sameAsFirst(name: string, bytes: Buffer): void {
    const digest = createHash('sha256').update(bytes).digest('hex')
    const first = firsts.get(name)
    if (first === undefined) return void firsts.set(name, digest)
    if (first !== digest) throw new Error(`expected the bytes of the first ${name}, got others`)
    counts.compared++
  }

  /** Of ten, one repeats an earlier job and hits the cache, and one brings its picture along. */
  async function resize(): Promise<Done> {
    const n = made.resizes++
    const again = n % 10 === 9 ? Math.floor(n / 10) % 4 : undefined
    const brought = n % 10 === 4
    // All others differ: about 300,000 combinations.
    const turn = Math.floor(n / pictures)
    const own = { height: 256 + (turn % 256), quality: 40 + (Math.floor(turn / 256) % 50) }
    const asked = { type: 'resize', width: 512, ...(again === undefined && !brought ? own : { height: 341 }) }
    const done = brought
      ? await finished('/v1/jobs', form(asked, n))
      : await finished('/v1/jobs', order({ ...asked, input: { upload: uploads[again ?? n % pictures] } }, 60))
    const bytes = await fileOf(done.id, 'result')
    await isOf(bytes, asked.width, asked.height)
    if (again !== undefined) sameAsFirst(`picture ${again}`, bytes)
    if (brought) sameAsFirst('picture that was brought', bytes)
    return done
  }

  /** Bytes after a picture's end only change its hash: it misses the cache, but looks the same. */
  function form(asked: object, n: number): RequestInit {
    const body = new FormData()
    body.set('image', new File([new Uint8Array(small), `copy ${n}`], 'photo.jpg', { type: 'image/jpeg' }))
    body.set('job', JSON.stringify(asked))
    return { body, headers: { Prefer: 'wait=60' } }
  }

  function mosaic(kind: 'mosaics' | 'large mosaics', cell: number, scale: number) {
    return async (): Promise<Done> => {
      const photo = made[kind]++ % photos.length
      const input = { upload: photos[photo] }
      const done = await finished('/v1/jobs', order({ type: 'mosaic', cell, scale, input }, 60))
      const large = await fileOf(done.id, 'files/large.jpg')
      await isOf(large, 480 * scale, 320 * scale)
      sameAsFirst(`of the ${kind}, photo ${photo}`, large)
      return done
    }
  }

  async function bulk(): Promise<Done> {
    const n = made['bulk jobs']++
    const asked = { width: 512, height: 300 + (n % 4), quality: 75, format: 'jpeg' }
    const input = { uploads: uploads.map((upload) => ({ upload })) }
    const done = await finished('/v1/bulk', order({ ...asked, input }))
    const manifest = await fileOf(done.id, 'result')
    const lines = manifest.toString().trim().split('\n')
    const results = lines.map((line) => (JSON.parse(line) as { result?: Record<string, unknown> }).result)
    for (const result of results)
      if (result?.width !== asked.width || result?.height !== asked.height)
        throw new Error(
          `${done.id}: expected ${asked.width} x ${asked.height} px, got ${JSON.stringify(result)}`,
        )
    if (results.length !== pictures)
      throw new Error(`${done.id}: expected ${pictures} pictures, got ${results.length}`)
    // Keys and times differ, the pictures do not.
    sameAsFirst(`bulk job of ${asked.height} px`, Buffer.from(results.map((result) => result?.sha256).join()))
    return done
  }

  return {
    ask: {
      resizes: resize,
      mosaics: mosaic('mosaics', 16, 2),
      // Above 8 megapixels, so composed in a process of its own.
      'large mosaics': mosaic('large mosaics', 32, 8),
      'bulk jobs': bulk,
    },
    get refused() {
      return counts.refused
    },
    get compared() {
      return counts.compared
    },
  }
}

async function isOf(bytes: Buffer, width: number, height: number): Promise<void> {
  const found = await sharp(bytes).metadata()
  if (found.width !== width || found.height !== height)
    throw new Error(`expected a picture of ${width} x ${height} px, got ${found.width} x ${found.height}`)
}

const noise = ({ width, height }: { width: number; height: number }) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .blur(3)
    .jpeg({ quality: 85 })
    .toBuffer()
