/**
 * A fake Bluesky in a process of its own: implements the XRPC calls that this project uses, over a real socket, as documented at
 * https://docs.bsky.app/docs/category/http-reference. Tests control it through `/fake/...`. Prints its port.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { tidOf } from '../../../adapters/social/bluesky/tid.ts'
import { photo } from '../../workflows/pictures.ts'
import { type Fault, Faults } from '../x/faults.ts'
import { account, didOf, type FakePost, own, type PostWanted, password } from './world.ts'

const faults = new Faults()
const posts = new Map<string, FakePost>()
/** Our replies, by record key. */
const records = new Map<string, Record<string, unknown>>()
const blobs = new Map<string, number>()
const calls: Record<string, number> = {}
let token = 'access-1'
let sequence = 0
let site = ''

const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    console.error(error)
    if (!response.headersSent) send(response, 500, { error: 'InternalServerError', message: String(error) })
  })
})
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  console.log((server.address() as AddressInfo).port)
})

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', site)
  const { pathname: path } = url
  const body = await buffer(request)
  if (path.startsWith('/fake/')) {
    send(response, 200, control(path, body.length === 0 ? {} : JSON.parse(body.toString())))
    return
  }
  if (path.startsWith('/photos/')) {
    response.setHeader('Content-Type', 'image/jpeg')
    response.end(await photo(160 + (Number(/(\d+)-\d+\.jpg$/.exec(path)?.[1]) % 40), 120))
    return
  }
  const method = path.slice('/xrpc/'.length)
  calls[method] = (calls[method] ?? 0) + 1
  const fault = faults.next(method)
  if (fault?.kind === 'unheard') return void request.socket.destroy()
  if (fault?.kind === 'refused') return refuse(response, fault)
  const [status, answer] =
    method === 'com.atproto.server.createSession' || request.headers.authorization === `Bearer ${token}`
      ? answerCall(method, url, request, body)
      : [400, { error: 'ExpiredToken', message: 'Token has expired' }]
  if (fault?.kind === 'lost') request.socket.destroy()
  else if (fault?.kind === 'busy') refuse(response, { ...fault, status: 503 })
  else send(response, status, answer)
}

function answerCall(method: string, url: URL, request: IncomingMessage, body: Buffer): [number, unknown] {
  const { searchParams: query } = url
  const newestFirst = (wanted: (post: FakePost) => boolean) =>
    [...posts.values()]
      .filter((post) => !post.deleted && wanted(post))
      .sort((a, b) => Date.parse(b.indexedAt) - Date.parse(a.indexedAt) || b.number - a.number)
  const page = (found: FakePost[]): [FakePost[], { cursor?: string }] => {
    const from = Number(query.get('cursor') ?? 0)
    const end = from + Number(query.get('limit') ?? 25)
    return [found.slice(from, end), end < found.length ? { cursor: String(end) } : {}]
  }
  switch (method) {
    case 'com.atproto.server.createSession': {
      const asked = JSON.parse(body.toString()) as { identifier: string; password: string }
      if (asked.identifier !== account || asked.password !== password)
        return [401, { error: 'AuthenticationRequired', message: 'Invalid identifier or password' }]
      return [200, { did: own.did, handle: own.handle, accessJwt: token, refreshJwt: 'refresh' }]
    }
    case 'app.bsky.feed.searchPosts': {
      const tag = query.get('q')?.slice(1).toLowerCase() ?? ''
      const [since, until] = [query.get('since') ?? '', query.get('until') ?? '9']
      const [found, more] = page(
        newestFirst(({ tags, indexedAt }) => tags.includes(tag) && indexedAt >= since && indexedAt < until),
      )
      return [200, { posts: found.map(viewOf), ...more }]
    }
    case 'app.bsky.notification.listNotifications': {
      const [found, more] = page(newestFirst(({ text, by }) => speaksToUs(text) && by !== own.handle))
      const notifications = found.map((post) => ({
        ...{ uri: post.uri, cid: 'cid', reason: 'mention', indexedAt: post.indexedAt },
      }))
      return [200, { notifications, ...more }]
    }
    case 'app.bsky.feed.getPosts': {
      const uris = query.getAll('uris')
      if (uris.length > 25) return [400, { error: 'InvalidRequest', message: 'too many' }]
      return [200, { posts: newestFirst(({ uri }) => uris.includes(uri)).map(viewOf) }]
    }
    case 'com.atproto.repo.uploadBlob': {
      if (body.length > 1_000_000) return [400, { error: 'BlobTooLarge', message: 'This file is too large.' }]
      const link = `blob${blobs.size}`
      blobs.set(link, body.length)
      const mimeType = request.headers['content-type']
      return [200, { blob: { $type: 'blob', ref: { $link: link }, mimeType, size: body.length } }]
    }
    case 'com.atproto.repo.putRecord': {
      const asked = JSON.parse(body.toString()) as { rkey: string; repo: string; record: { text: string } }
      if (asked.repo !== own.did || !/^[2-7a-j][2-7a-z]{12}$/.test(asked.rkey))
        return [400, { error: 'InvalidRequest', message: 'no such key' }]
      records.set(asked.rkey, asked.record)
      return [200, { uri: `at://${own.did}/app.bsky.feed.post/${asked.rkey}`, cid: 'cid' }]
    }
    case 'com.atproto.repo.getRecord': {
      const record = records.get(query.get('rkey') ?? '')
      if (!record) return [400, { error: 'RecordNotFound', message: 'Could not locate record' }]
      return [200, { value: record }]
    }
    default:
      return [501, { error: 'MethodNotImplemented', message: method }]
  }
}

const speaksToUs = (text: string) => text.includes(`@${own.handle}`)

function viewOf(post: FakePost) {
  const bytesOf = (word: string) => {
    const start = Buffer.byteLength(post.text.slice(0, post.text.indexOf(word)))
    return { byteStart: start, byteEnd: start + Buffer.byteLength(word) }
  }
  return {
    ...{ uri: post.uri, cid: `cid-${post.number}`, indexedAt: post.indexedAt },
    author: { did: didOf(post.by), handle: post.by, displayName: post.name },
    record: {
      ...{ $type: 'app.bsky.feed.post', text: post.text, langs: [post.language], createdAt: post.indexedAt },
      facets: [
        ...post.tags.map((tag) => ({
          index: bytesOf(`#${tag}`),
          features: [{ $type: 'app.bsky.richtext.facet#tag', tag }],
        })),
        ...(speaksToUs(post.text)
          ? [
              {
                index: bytesOf(`@${own.handle}`),
                features: [{ $type: 'app.bsky.richtext.facet#mention', did: own.did }],
              },
            ]
          : []),
      ],
    },
    ...(post.photos > 0 && {
      embed: {
        $type: 'app.bsky.embed.images#view',
        images: Array.from({ length: post.photos }, (_, n) => ({
          ...{ thumb: '', alt: '', aspectRatio: { width: 4, height: 3 } },
          fullsize: `${site}/photos/${post.number}-${n}.jpg`,
        })),
      },
    }),
    labels: post.sensitive ? [{ val: 'nudity' }] : [],
  }
}

function refuse(response: ServerResponse, { status = 503, after = 1, detail }: Fault): void {
  if (status === 429) response.setHeader('RateLimit-Reset', String(Math.ceil(Date.now() / 1000 + after)))
  if (status === 503) response.setHeader('Retry-After', String(after))
  send(response, status, { error: 'Refused', message: detail ?? `refused with ${status}` })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}

/** Control calls of the tests. */
function control(path: string, body: unknown): object {
  switch (path) {
    case '/fake/posts': {
      const { text, by = 'someone.example', ...wanted } = body as PostWanted
      const at = Date.now() + (wanted.keyOffMs ?? 0)
      const key = tidOf(BigInt(at) * 1000n + BigInt(++sequence % 1000), 7)
      const post: FakePost = {
        uri: `at://${didOf(by)}/app.bsky.feed.post/${key}`,
        ...{ number: sequence, indexedAt: new Date().toISOString(), by, name: wanted.name ?? '', text },
        language: wanted.language ?? 'en',
        sensitive: wanted.sensitive ?? false,
        photos: wanted.photos ?? 1,
        tags: [...text.matchAll(/#([\p{L}\p{N}_]+)/gu)].map(([, tag]) => tag!.toLowerCase()),
        deleted: false,
      }
      posts.set(post.uri, post)
      return { uri: post.uri }
    }
    case '/fake/delete':
      posts.get((body as { uri: string }).uri)!.deleted = true
      return {}
    case '/fake/faults':
      faults.add(body as Fault)
      return {}
    case '/fake/expire':
      token = `access-${++sequence}`
      return {}
    case '/fake/reset':
      faults.clear()
      posts.clear()
      records.clear()
      return {}
    default:
      return { answers: Object.fromEntries(records), blobs: Object.fromEntries(blobs), calls }
  }
}
