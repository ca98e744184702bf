/** Jobs of a running mosaicme, started and followed over HTTP. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { Option } from 'commander'
import type { EventSourceMessage } from 'eventsource-parser'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Job } from '../api/client.ts'
import { Refusal } from './refusal.ts'

export interface Remote {
  /** Without a trailing slash. */
  url: string
  apiKey?: string
}

export const urlOption = new Option('--url <url>', 'where mosaicme runs')
  .env('MOSAICME_URL')
  .default('http://127.0.0.1:3000')
export const apiKeyOption = new Option('--api-key <key>', 'if it requires one').env('MOSAICME_API_KEY')

/** @throws {Refusal} with the problem's code and detail, or `api_unreachable` */
export async function call({ url, apiKey }: Remote, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (apiKey !== undefined) headers.set('Authorization', `Bearer ${apiKey}`)
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new Refusal(
      'invalid_address',
      `Expected a URL such as http://127.0.0.1:3000 in --url or MOSAICME_URL, received ${JSON.stringify(url)}.`,
    )
  const address = new URL(path, `${url.replace(/\/+$/, '')}/`)
  let answer: Response
  try {
    answer = await fetch(address, { ...init, headers })
  } catch (cause) {
    throw new Refusal(
      'api_unreachable',
      `mosaicme does not answer at ${address.origin}. Start it with "mosaicme up", or pass its URL with --url.`,
      { cause },
    )
  }
  if (!answer.ok) throw await refusalOf(answer)
  return answer
}

export const getJob = async (remote: Remote, id: string) =>
  (await (await call(remote, `v1/jobs/${encodeURIComponent(id)}`)).json()) as Job

/** A job's `input`: a URL unchanged, or a file after uploading it. */
export async function pictureInput(
  remote: Remote,
  target: string,
): Promise<{ url: string } | { upload: string }> {
  if (/^https?:\/\//i.test(target)) return { url: target }
  const info = await stat(target).catch((cause) => {
    throw new Refusal(
      'file_not_found',
      `Expected a picture or an http(s) URL, but there is no file ${target}.`,
      {
        cause,
      },
    )
  })
  if (!info.isFile()) throw new Refusal('not_a_file', `Expected a picture, but ${target} is not a file.`)
  const body = Readable.toWeb(createReadStream(target)) as ReadableStream<Uint8Array>
  const answer = await call(remote, 'v1/uploads', {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(info.size) },
    body,
    duplex: 'half',
  } as RequestInit)
  return { upload: ((await answer.json()) as { upload: string }).upload }
}

/** Delay before reconnecting, ms. */
const reconnectDelay = 1_000

/**
 * Yields the job whenever it changes, up to its final state. Resumes after a broken connection or a restart of the server.
 */
export async function* followJob(remote: Remote, id: string): AsyncGenerator<Job> {
  let seen: string | undefined
  for (;;) {
    const answer = await call(remote, `v1/jobs/${encodeURIComponent(id)}/events`, {
      headers: { Accept: 'text/event-stream', ...(seen !== undefined && { 'Last-Event-ID': seen }) },
    }).catch((error: unknown) => {
      // Only a server that has answered before is expected to come back.
      if (seen !== undefined && error instanceof Refusal && error.code === 'api_unreachable') return undefined
      throw error
    })
    if (answer?.status === 204) return
    if (answer?.body) {
      try {
        const events = answer.body
          .pipeThrough(new TextDecoderStream() as never)
          .pipeThrough(new EventSourceParserStream()) as AsyncIterable<EventSourceMessage>
        for await (const { id: newest, event, data } of events) {
          seen = newest ?? seen
          yield JSON.parse(data) as Job
          if (event === 'done') return
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
      }
    }
    await delay(reconnectDelay)
  }
}

async function refusalOf(answer: Response): Promise<Refusal> {
  const text = await answer.text()
  try {
    const { code, detail } = JSON.parse(text) as { code: string; detail: string }
    if (code && detail) return new Refusal(code, detail)
  } catch {
    // No problem details: another server answers there.
  }
  return new Refusal(
    'unexpected_answer',
    `The server at ${new URL(answer.url).origin} is not mosaicme: it answered with status ${answer.status}.`,
  )
}
