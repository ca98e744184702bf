/**
 * A fake X in a process of its own: implements the part of API v2 that this project uses, over a real socket, and checks OAuth.
 * Tests control it through `/fake/...`. Prints its port.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { photo } from '../../workflows/pictures.ts'
import { type Answer, answerCall, problem, type Settings } from './api-v2.ts'
import { type Fault, Faults } from './faults.ts'
import { type Caller, callerOf } from './oauth.ts'
import { Stream, type StreamFault } from './stream.ts'
import { type PostWanted, World } from './world.ts'

const world = new World()
const faults = new Faults()
const stream = new Stream(world, Number(process.argv[3] ?? 20_000))
const settings: Settings = { timelineLagMs: 0, refuseDuplicates: false, pendingLooks: 0, photoScale: 1 }
const calls: Record<string, number> = {}
const reads = { posts: 0 }
/** Responds to nobody until this time, ms since 1970. */
let downUntil = 0
let site = ''

const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    console.error(error)
    if (!response.headersSent) send(response, problem(500, 'Internal Error', String(error)))
  })
})
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  site = `http://127.0.0.1:${port}`
  console.log(port)
})

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', site)
  const { pathname: path } = url
  if (path.startsWith('/fake/')) {
    send(response, control(path, await jsonOf(request)))
    return
  }
  if (path.startsWith('/photos/')) {
    // Photos differ slightly, because equal bytes would be one tile.
    const number = [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 400, 0)
    const { photoScale } = settings
    response.setHeader('Content-Type', 'image/jpeg')
    const side = (pixels: number) => Math.round(pixels * photoScale)
    response.end(await photo(side(160 + (number % 40)), side(120 + Math.floor(number / 40))))
    return
  }
  if (Date.now() < downUntil) {
    request.socket.destroy()
    return
  }
  const method = request.method ?? 'GET'
  const call = `${method} ${path}`
  const counted = call.replace(/\d{4,}/g, ':id')
  calls[counted] = (calls[counted] ?? 0) + 1

  const caller = callerOf(request, url)
  const body = await jsonOf(request)
  const fault = faults.next(call)
  if (fault?.kind === 'unheard') {
    request.socket.destroy()
    return
  }
  if (fault?.kind === 'refused') return refuse(response, fault)
  if (!mayCall(caller, call)) return send(response, problem(401, 'Unauthorized', 'Unauthorized'))
  if (call === 'GET /2/tweets/search/stream') {
    if (!stream.connect(response))
      send(
        response,
        problem(
          429,
          'ConnectionException',
          'This stream is currently at the maximum allowed connection limit.',
          'https://api.twitter.com/2/problems/streaming-connection',
        ),
      )
    return
  }
  const answer = answerCall({ method, path, query: url.searchParams, body }, world, stream, settings, reads)
  if (fault?.kind === 'lost') request.socket.destroy()
  else if (fault?.kind === 'busy') refuse(response, { ...fault, status: 503 })
  else send(response, answer)
}

/** Streams need the app, posting and mentions the account, search either. */
function mayCall(caller: Caller | undefined, call: string): boolean {
  if (/\/search\/stream|\/connections/.test(call)) return caller === 'app'
  if (/\/search\/recent|^GET \/2\/tweets/.test(call)) return caller !== undefined
  return caller === 'user'
}

function refuse(response: ServerResponse, { status = 503, after = 1, detail }: Fault): void {
  const titles: Record<number, string> = {
    401: 'Unauthorized',
    402: 'CreditsDepleted',
    403: 'Forbidden',
    429: 'Too Many Requests',
    503: 'Service Unavailable',
  }
  if (status === 429) {
    response.setHeader('x-rate-limit-limit', '1')
    response.setHeader('x-rate-limit-remaining', '0')
    response.setHeader('x-rate-limit-reset', String(Math.ceil(Date.now() / 1000 + after)))
  }
  if (status === 503) response.setHeader('Retry-After', String(after))
  const title = titles[status] ?? 'Error'
  send(response, problem(status, title, detail ?? title))
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
  response.end(body === undefined ? '' : JSON.stringify(body))
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const bytes = await buffer(request)
  return /json/.test(request.headers['content-type'] ?? '') && bytes.length > 0
    ? JSON.parse(bytes.toString())
    : undefined
}

/** Control calls of the tests. */
function control(path: string, body: unknown): Answer {
  switch (path) {
    case '/fake/posts': {
      const wanted = body as PostWanted & { quiet?: boolean }
      const post = world.add(wanted, site)
      if (!wanted.quiet) stream.publish(post)
      return { status: 201, body: { id: post.id } }
    }
    case '/fake/delete': {
      const post = world.posts.get((body as { id: string }).id)
      if (post) post.deleted = true
      break
    }
    case '/fake/faults':
      faults.add(body as Fault)
      break
    case '/fake/random': {
      const { seed, rate } = body as { seed: number; rate: number }
      faults.atRandom(seed, rate)
      break
    }
    case '/fake/calm':
      faults.clear()
      break
    case '/fake/reset':
      faults.clear()
      world.posts.clear()
      stream.reset()
      break
    case '/fake/stream':
      stream.fault((body as { fault: StreamFault }).fault)
      break
    case '/fake/settings':
      Object.assign(settings, body)
      break
    case '/fake/down':
      downUntil = Date.now() + (body as { ms: number }).ms
      stream.closeAll()
      break
    case '/fake/state':
      return {
        status: 200,
        body: {
          own: world.find(({ media_ids }) => media_ids !== undefined),
          media: Object.fromEntries(world.media),
          calls,
          postsRead: reads.posts,
          stream: { open: stream.connections, connects: stream.connects, mostAtOnce: stream.mostAtOnce },
        },
      }
    default:
      return problem(404, 'Not Found', path)
  }
  return { status: 204 }
}
