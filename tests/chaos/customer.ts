/** A client that never gives up: retries with the same idempotency key until it gets a response. */
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Job } from '../../api/client.ts'
import type { Order } from './orders.ts'

/** Interval between attempts, and timeout of any operation, ms. */
const pause = 500
const patience = 300_000

export interface Delivery {
  order: Order
  job: Job
  /** SHA-256 of the job's files, by name. */
  files: Record<string, string>
}

/** Starts a job and waits for its result. @throws if it is rejected, fails or never ends */
export async function deliver(url: string, order: Order, key: string): Promise<Delivery> {
  const answer = await insist(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify(order.body),
  })
  let job = (await answer.json()) as Job
  while (job.status === 'queued' || job.status === 'processing') {
    await delay(pause)
    job = (await (await insist(`${url}/v1/jobs/${job.id}`)).json()) as Job
  }
  if (job.status !== 'succeeded')
    throw new Error(`expected ${order.kind} to succeed, ${job.id} has ${job.status}: ${job.error?.message}`)
  const names = job.type === 'mosaic' ? ['large.jpg', 'small.jpg', 'plan.json', 'mosaic.dzi'] : []
  const places = names.length > 0 ? names.map((name) => `files/${name}`) : ['result']
  const files: Record<string, string> = {}
  for (const place of places) {
    const file = await insist(`${url}/v1/jobs/${job.id}/${place}`)
    files[place] = createHash('sha256')
      .update(Buffer.from(await file.arrayBuffer()))
      .digest('hex')
  }
  return { order, job, files }
}

/** Retries until it gets a complete response other than "try again later". */
export async function insist(url: string, init?: RequestInit, within = patience): Promise<Response> {
  const until = Date.now() + within
  for (;;) {
    let why: unknown
    try {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) })
      // The body is read here: a server that dies while sending has not responded.
      const body = await answer.arrayBuffer()
      if (answer.ok) return new Response(body, answer)
      why = new Error(`${answer.status} ${Buffer.from(body).toString().slice(0, 300)}`)
      if (answer.status < 500 && answer.status !== 429) throw new Refused(`${url}: ${(why as Error).message}`)
    } catch (error) {
      if (error instanceof Refused) throw error
      why = error
    }
    if (Date.now() > until) throw new Error(`expected an answer from ${url}`, { cause: why })
    await delay(pause)
  }
}

class Refused extends Error {}
