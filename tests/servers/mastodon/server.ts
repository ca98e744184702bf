/**
 * A fake Mastodon server in a process of its own: implements the part of the client API that this project uses, over a real
 * socket, as documented at https://docs.joinmastodon.org/methods/. Tests control it through `/fake/...`. Prints its port.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { photo } from '../../workflows/pictures.ts'
import { type Fault, Faults } from '../x/faults.ts'
import { accessToken, asStatus, own, type StatusWanted, World } from './world.ts'

const world = new World()
const faults = new Faults()
const settings = { pendingLooks: 0 }
const calls: Record<string, number> = {}
const streams = new Set<{ channel: string; tag: string; response: ServerResponse }>()
/** Fault of the next event on the streams. */
let streamFault: 'cut' | 'split' | 'stall' | 'twice' | undefined
/** Half of an event has been sent: nothing may be sent in between. */
let isSplit = false
let site = ''

const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    console.error(error)
    if (!response.headersSent) send(response, 500, { error: String(error) })
  })
})
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  console.log((server.address() as AddressInfo).port)
})
/** Mastodon's interval is 15 s. */
setInterval(() => {
  if (streamFault !== 'stall' && !isSplit) for (const { response } of streams) response.write(':thump\n')
}, 100).unref()

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', site)
  const { pathname: path } = url
  const body = await buffer(request)
  if (path.startsWith('/fake/')) return control(path, body, response)
  if (path.startsWith('/photos/')) {
    const number = [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 400, 0)
    response.setHeader('Content-Type', 'image/jpeg')
    response.end(await photo(160 + (number % 40), 120 + Math.floor(number / 40)))
    return
  }
  const call = `${request.method} ${path}`
  const counted = call.replace(/\d{4,}/g, ':id')
  calls[counted] = (calls[counted] ?? 0) + 1
  const fault = faults.next(call)
  if (fault?.kind === 'unheard') return void request.socket.destroy()
  if (fault?.kind === 'refused') return refuse(response, fault)
  if (request.headers.authorization !== `Bearer ${accessToken}`)
    return send(response, 401, { error: 'The access token is invalid' })
  if (call.startsWith('GET /api/v1/streaming/')) return openStream(path, url, response)
  const answer = await answerCall(call, url, request, body)
  if (fault?.kind === 'lost') request.socket.destroy()
  else if (fault?.kind === 'busy') refuse(response, { ...fault, status: 503 })
  else send(response, answer.status ?? 200, answer.body)
}

interface Answer {
  status?: number
  body: unknown
}

async function answerCall(call: string, url: URL, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const { searchParams: query, pathname: path } = url
  const limit = Math.min(40, Number(query.get('limit') ?? 20))
  const within = <T extends { id: string }>(all: T[]) =>
    all
      .filter(({ id }) => query.get('since_id') === null || BigInt(id) > BigInt(query.get('since_id')!))
      .filter(({ id }) => query.get('max_id') === null || BigInt(id) < BigInt(query.get('max_id')!))
      .slice(0, limit)
  if (call === 'GET /api/v1/accounts/verify_credentials') return { body: own }
  if (call.startsWith('GET /api/v1/timelines/tag/')) {
    const tags = [decodeURIComponent(path.split('/').at(-1)!), ...query.getAll('any[]')].map((tag) =>
      tag.toLowerCase(),
    )
    const found = world.newestFirst(
      ({ visibility, tags: has, photos }) =>
        visibility === 'public' &&
        has.some((tag) => tags.includes(tag)) &&
        (query.get('only_media') !== 'true' || photos > 0),
    )
    return { body: within(found).map((post) => asStatus(post, world, site)) }
  }
  if (call === 'GET /api/v1/notifications') {
    if (query.getAll('types[]').join() !== 'mention') return { status: 422, body: { error: 'types' } }
    return {
      body: within(world.notifications()).map(({ id, post }) => ({
        ...{ id, type: 'mention', created_at: post.created_at, status: asStatus(post, world, site) },
      })),
    }
  }
  if (call === `GET /api/v1/accounts/${own.id}/statuses`)
    return {
      body: within(world.newestFirst(({ by }) => by === own.acct)).map((post) => asStatus(post, world, site)),
    }
  if (call === 'GET /api/v1/statuses') {
    const ids = query.getAll('id[]')
    // https://docs.joinmastodon.org/methods/statuses/#index
    if (ids.length > 20) return { status: 422, body: { error: 'too many' } }
    return {
      body: world.newestFirst(({ id }) => ids.includes(id)).map((post) => asStatus(post, world, site)),
    }
  }
  if (call === 'POST /api/v2/media') {
    const form = await new Response(new Uint8Array(body), {
      headers: { 'Content-Type': request.headers['content-type'] ?? '' },
    }).formData()
    const file = form.get('file') as File
    const id = world.nextId()
    const media = { bytes: file.size, description: String(form.get('description')), looks: 0, ready: false }
    world.media.set(id, media)
    media.ready = settings.pendingLooks === 0
    return { status: media.ready ? 200 : 202, body: { id, type: 'image', url: null } }
  }
  if (/^GET \/api\/v1\/media\/\d+$/.test(call)) {
    const media = world.media.get(path.split('/').at(-1)!)
    if (!media) return { status: 404, body: { error: 'Record not found' } }
    media.ready = ++media.looks >= settings.pendingLooks
    return { status: media.ready ? 200 : 206, body: { id: path.split('/').at(-1) } }
  }
  if (call === 'POST /api/v1/statuses') return create(JSON.parse(body.toString()), request)
  return { status: 404, body: { error: `this Mastodon does not know ${call}` } }
}

function create(
  wanted: { status: string; in_reply_to_id?: string; media_ids?: string[]; visibility?: string },
  request: IncomingMessage,
): Answer {
  const key = String(request.headers['idempotency-key'] ?? '')
  const known = key === '' ? undefined : world.byKey.get(key)
  if (known) return { body: asStatus(known, world, site) }
  const target = wanted.in_reply_to_id === undefined ? undefined : world.posts.get(wanted.in_reply_to_id)
  if (wanted.in_reply_to_id !== undefined && (!target || target.deleted))
    return {
      status: 404,
      body: { error: 'The post you are trying to reply to does not appear to exist.' },
    }
  if ((wanted.media_ids ?? []).some((id) => !world.media.get(id)?.ready))
    return { status: 422, body: { error: 'Cannot attach files that have not finished processing.' } }
  if ([...wanted.status].length > 500)
    return { status: 422, body: { error: 'Validation failed: Text character limit of 500 exceeded' } }
  const post = world.add({ text: wanted.status, by: own.acct, photos: 0 })
  post.visibility = (wanted.visibility ?? 'public') as typeof post.visibility
  post.media_ids = wanted.media_ids ?? []
  if (wanted.in_reply_to_id !== undefined) post.reply_to = wanted.in_reply_to_id
  if (key !== '') world.byKey.set(key, post)
  return { body: asStatus(post, world, site) }
}

function openStream(path: string, url: URL, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  response.write(':)\n')
  const stream = {
    channel: path.slice('/api/v1/streaming/'.length),
    tag: (url.searchParams.get('tag') ?? '').toLowerCase(),
    response,
  }
  streams.add(stream)
  response.once('close', () => streams.delete(stream))
}

function publish(id: string): void {
  const post = world.posts.get(id)!
  const status = asStatus(post, world, site)
  for (const { channel, tag, response } of streams) {
    const mentioned = channel === 'user/notification' && world.mentionsUs(post)
    const tagged = channel === 'hashtag' && post.visibility === 'public' && post.tags.includes(tag)
    if (!mentioned && !tagged) continue
    const [event, data] = mentioned
      ? ['notification', { id: '1', type: 'mention', status }]
      : ['update', status]
    const bytes = Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    const middle = bytes.findIndex((byte) => byte >= 0xc0) + 1 || bytes.length >> 1
    if (streamFault === 'cut') {
      response.write(bytes.subarray(0, middle))
      setTimeout(() => response.destroy(), 20)
    } else if (streamFault === 'split') {
      isSplit = true
      response.write(bytes.subarray(0, middle))
      setTimeout(() => {
        response.write(bytes.subarray(middle))
        isSplit = false
      }, 50)
    } else if (streamFault === 'twice') response.write(Buffer.concat([bytes, bytes]))
    else response.write(bytes)
  }
  if (streamFault !== 'stall') streamFault = undefined
}

function refuse(response: ServerResponse, { status = 503, after = 1, detail }: Fault): void {
  if (status === 429) {
    response.setHeader('X-RateLimit-Limit', '300')
    response.setHeader('X-RateLimit-Remaining', '0')
    response.setHeader('X-RateLimit-Reset', new Date(Date.now() + after * 1000).toISOString())
  }
  if (status === 503) response.setHeader('Retry-After', String(after))
  send(response, status, { error: detail ?? `refused with ${status}` })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}

/** Control calls of the tests. */
function control(path: string, bytes: Buffer, response: ServerResponse): void {
  const body = bytes.length === 0 ? {} : JSON.parse(bytes.toString())
  switch (path) {
    case '/fake/posts': {
      const post = world.add(body as StatusWanted)
      publish(post.id)
      send(response, 201, { id: post.id })
      return
    }
    case '/fake/delete':
      world.posts.get(body.id)!.deleted = true
      break
    case '/fake/faults':
      faults.add(body as Fault)
      break
    case '/fake/stream':
      streamFault = body.fault
      break
    case '/fake/settings':
      Object.assign(settings, body)
      break
    case '/fake/reset':
      faults.clear()
      world.clear()
      streamFault = undefined
      for (const { response: held } of streams) held.destroy()
      break
    case '/fake/state':
      send(response, 200, {
        own: world.newestFirst(({ by }) => by === own.acct),
        media: Object.fromEntries(world.media),
        calls,
        streams: streams.size,
      })
      return
  }
  send(response, 200, {})
}
