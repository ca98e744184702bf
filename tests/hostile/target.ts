/** The service from an attacker's view, and outcomes of attacks as one line. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import sharp from 'sharp'
import type { Job } from '../../api/client.ts'

/**
 * `422 too_many_pixels` for a problem, `succeeded` or `failed image_truncated` for a job, `200` for anything else, and
 * `closed` for a connection that was closed without a response.
 */
export type Outcome = string

export interface Target {
  site: string
  request(path: string, init?: RequestInit): Promise<Outcome>
  /** A JSON body; text is sent unchanged. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Outcome>
  /** `POST /v1/uploads` */
  upload(bytes: Uint8Array, type?: string): Promise<Outcome>
  /** Resizes these bytes to 32 px, with the result. */
  resize(bytes: Uint8Array, options?: object, file?: { name: string; type: string }): Promise<Outcome>
  /** Runs a bulk job with a zip, and summarises its manifest: `succeeded 1 not_an_image 2`. */
  bulk(zip: Uint8Array): Promise<Outcome>
  /** Raw bytes over a separate connection, which the server closes. */
  raw(...parts: (string | Uint8Array)[]): Promise<Outcome>
  /** The same, then silence: we close the connection. */
  brokenOff(...parts: (string | Uint8Array)[]): Promise<Outcome>
  /** Sets the response of the attacker's server; returns its URL. */
  serve(answer: (response: ServerResponse) => void): string
}

/** The attacker's server, which the service may reach although it is local, because its responses are what is tested. */
export async function startAttacker() {
  let answer: (response: ServerResponse) => void = (response) => response.end()
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    serve(next: typeof answer) {
      answer = next
      return `http://127.0.0.1:${port}`
    },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Must not be in any result, whatever the input contained. */
export interface Leak {
  attack: string
  found: string
}

/** Hidden in pictures: if it is in a result, it leaked. */
export const smuggled = 'SMUGGLED-THROUGH'

export function targetAt(site: string, serve: Target['serve'], leaks: Leak[], attack: () => string): Target {
  const request = async (path: string, init?: RequestInit) => outcomeOf(await fetch(`${site}${path}`, init))
  const url = new URL(site)

  async function outcomeOf(answer: Response): Promise<Outcome> {
    const type = answer.headers.get('Content-Type') ?? ''
    if (type.startsWith('application/problem+json')) {
      const problem = (await answer.json()) as { code: string; detail: string }
      return `${answer.status} ${problem.code}`
    }
    if (!type.startsWith('application/json') || !new URL(answer.url).pathname.startsWith('/v1/')) {
      await answer.arrayBuffer()
      return String(answer.status)
    }
    const body = (await answer.json()) as Partial<Job> & { upload?: string }
    if (body.status === undefined) return String(answer.status)
    return body.status === 'failed' ? `failed ${body.error?.code}` : body.status
  }

  async function examined(path: string): Promise<void> {
    const bytes = Buffer.from(await (await fetch(`${site}${path}`)).arrayBuffer())
    const { exif, xmp, iptc } = await sharp(bytes).metadata()
    const found = [
      ...(xmp ? ['XMP'] : []),
      ...(iptc ? ['IPTC'] : []),
      ...(exif && (await placeIn(bytes)) ? ['GPS'] : []),
      ...(bytes.includes(smuggled) ? ['what was smuggled'] : []),
    ]
    for (const one of found) leaks.push({ attack: attack(), found: one })
  }

  return {
    site,
    request,
    serve,
    async post(path, body, headers = {}) {
      return await request(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
    },
    upload: (bytes, type = 'application/octet-stream') =>
      request('/v1/uploads', {
        method: 'POST',
        headers: { 'Content-Type': type },
        body: new Uint8Array(bytes),
      }),
    async resize(bytes, options = {}, { name, type } = { name: 'photo.jpg', type: 'image/jpeg' }) {
      const body = new FormData()
      body.set('job', JSON.stringify({ type: 'resize', width: 32, ...options }))
      body.set('image', new File([new Uint8Array(bytes)], name, { type }))
      const answer = await fetch(`${site}/v1/jobs`, { method: 'POST', headers: { Prefer: 'wait=50' }, body })
      if (answer.status !== 200) return await outcomeOf(answer)
      const job = (await answer.clone().json()) as Job
      if (job.status === 'succeeded') await examined(`/v1/jobs/${job.id}/result`)
      return await outcomeOf(answer)
    },
    async bulk(zip) {
      const body = new FormData()
      body.set('job', JSON.stringify({ width: 16 }))
      body.set('zip', new File([new Uint8Array(zip)], 'pictures.zip', { type: 'application/zip' }))
      const answer = await fetch(`${site}/v1/bulk`, { method: 'POST', headers: { Prefer: 'wait=50' }, body })
      if (answer.status >= 300) return await outcomeOf(answer)
      let job = (await answer.json()) as Job
      while (job.status === 'queued' || job.status === 'processing')
        job = (await (
          await fetch(`${site}/v1/jobs/${job.id}`, { headers: { Prefer: 'wait=50' } })
        ).json()) as Job
      if (job.status === 'failed') return `failed ${job.error?.code}`
      const lines = (await (await fetch(`${site}/v1/jobs/${job.id}/result`)).text()).trim().split('\n')
      const counts = new Map<string, number>()
      for (const line of lines) {
        const { error, result } = JSON.parse(line) as { error?: { code: string }; result?: object }
        const what = error?.code ?? (result ? 'made' : 'nothing')
        counts.set(what, (counts.get(what) ?? 0) + 1)
      }
      return [...counts].map(([what, count]) => `${count} ${what}`).join(', ')
    },
    raw: (...parts) => overSocket(parts),
    brokenOff: (...parts) => overSocket(parts, true),
  }

  async function overSocket(parts: (string | Uint8Array)[], hangUp = false): Promise<Outcome> {
    const socket = connect(Number(url.port), url.hostname)
    const answer = text(socket).catch(() => '')
    socket.on('error', () => undefined)
    for (const part of parts) socket.write(part)
    if (hangUp) socket.end()
    const said = await answer
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(said)?.[1]
    if (status === undefined) return 'closed'
    const code = /"code":"(\w+)"/.exec(said)?.[1]
    return code === undefined ? status : `${status} ${code}`
  }
}

async function placeIn(bytes: Buffer): Promise<boolean> {
  const { default: readExif } = await import('exif-reader')
  const { exif } = await sharp(bytes).metadata()
  return exif !== undefined && readExif(exif).GPSInfo !== undefined
}
