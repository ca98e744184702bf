/** The calls of X's API v2 that this project makes, with X's documented responses. */
import { parseQuery } from './search-query.ts'
import type { Stream } from './stream.ts'
import { asTweet, type FakePost, includesOf, own, snowflake, type World } from './world.ts'

export interface Call {
  method: string
  path: string
  query: URLSearchParams
  body: unknown
}

export interface Answer {
  status: number
  body?: unknown
}

export interface Settings {
  /** Delay until a new post of our account shows on its timeline, ms. */
  timelineLagMs: number
  /** X rejects a text that the account has posted recently. */
  refuseDuplicates: boolean
  /** Uploads stay `pending` for this many status requests. */
  pendingLooks: number
  /** Size of the posts' photos, as a multiple of 160 x 120 px. */
  photoScale: number
}

export interface Reads {
  posts: number
}

const answer = (body: unknown, status = 200): Answer => ({ status, body })

/** X's own form of RFC 9457. */
export const problem = (status: number, title: string, detail: string, type = 'about:blank'): Answer =>
  answer({ title, detail, type, status }, status)

export function answerCall(
  { method, path, query, body }: Call,
  world: World,
  stream: Stream,
  settings: Settings,
  reads: Reads,
): Answer {
  const page = (posts: FakePost[], smallest: number) => {
    const size = Number(query.get('max_results') ?? 10)
    if (size < smallest || size > 100)
      return problem(
        400,
        'Invalid Request',
        `The max_results query parameter value [${size}] is not between ${smallest} and 100`,
      )
    const since = BigInt(query.get('since_id') ?? 0)
    const until = query.get('until_id') === null ? undefined : BigInt(query.get('until_id')!)
    const token = query.get('next_token') ?? query.get('pagination_token')
    const within = posts.filter(
      ({ id }) =>
        BigInt(id) > since &&
        (until === undefined || BigInt(id) < until) &&
        (token === null || BigInt(id) < BigInt(token.slice(1))),
    )
    const shown = within.slice(0, size)
    reads.posts += shown.length
    const last = shown.at(-1)
    return answer({
      ...(shown.length > 0 && { data: shown.map((post) => asTweet(post, world)) }),
      ...(shown.length > 0 && { includes: includesOf(shown, world) }),
      meta: {
        result_count: shown.length,
        ...(shown[0] && { newest_id: shown[0].id, oldest_id: last!.id }),
        ...(within.length > shown.length && { next_token: `t${last!.id}` }),
      },
    })
  }

  const route = `${method} ${path}`
  if (route === 'GET /2/users/me') return answer({ data: own })
  if (route === `GET /2/users/${own.id}/mentions`)
    return page(
      world.find((post) => world.summonsUs(post) && post.quotes === undefined),
      5,
    )
  if (route === `GET /2/users/${own.id}/tweets`) {
    const visible = Date.now() - settings.timelineLagMs
    return page(
      world.find((post) => post.author_id === own.id && Date.parse(post.created_at) <= visible),
      5,
    )
  }
  if (route === 'GET /2/tweets/search/recent') {
    try {
      const matches = parseQuery(query.get('query') ?? '')
      return page(
        world.find((post) => matches(post, world)),
        10,
      )
    } catch (error) {
      return problem(400, 'Invalid Request', String(error))
    }
  }
  if (route === 'GET /2/tweets/search/stream/rules')
    return answer({ ...(stream.rules.length > 0 && { data: stream.rules }), meta: { sent: new Date() } })
  if (route === 'POST /2/tweets/search/stream/rules') return changeRules(body as RuleChange, stream)
  if (route === 'DELETE /2/connections/all') {
    const closed = stream.connections
    stream.closeAll()
    return answer({ data: { successful_kills: closed, failed_kills: 0 } })
  }
  if (route === 'GET /2/tweets') {
    const ids = (query.get('ids') ?? '').split(',')
    const there = ids.flatMap((id) => {
      const post = world.posts.get(id)
      return post && !post.deleted ? [post] : []
    })
    reads.posts += there.length
    const gone = ids.filter((id) => !there.some((post) => post.id === id))
    return answer({
      ...(there.length > 0 && {
        data: there.map((post) => asTweet(post, world)),
        includes: includesOf(there, world),
      }),
      ...(gone.length > 0 && { errors: gone.map(notFound) }),
    })
  }
  if (method === 'GET' && /^\/2\/tweets\/\d+$/.test(path)) {
    const id = path.slice('/2/tweets/'.length)
    const post = world.posts.get(id)
    if (!post || post.deleted) return answer({ errors: [notFound(id)] })
    reads.posts++
    return answer({ data: asTweet(post, world), includes: includesOf([post], world) })
  }
  if (route === 'POST /2/media/upload/initialize') {
    const { total_bytes } = body as { total_bytes: number }
    const id = snowflake()
    world.media.set(id, { bytes: total_bytes, polls: 0, ready: false })
    return answer({ data: { id, media_key: `3_${id}`, expires_after_secs: 86_400 } })
  }
  if (method === 'POST' && /^\/2\/media\/upload\/\d+\/append$/.test(path))
    return answer({ data: { expires_at: 1 } })
  if (method === 'POST' && /^\/2\/media\/upload\/\d+\/finalize$/.test(path)) {
    const id = path.split('/')[4]!
    const media = world.media.get(id)
    if (!media) return problem(400, 'Invalid Request', 'no such media')
    media.ready = settings.pendingLooks === 0
    return answer({
      data: {
        id,
        media_key: `3_${id}`,
        ...(!media.ready && { processing_info: { state: 'pending', check_after_secs: 1 } }),
      },
    })
  }
  if (route === 'GET /2/media/upload') {
    const id = query.get('media_id') ?? ''
    const media = world.media.get(id)
    if (!media) return problem(400, 'Invalid Request', 'no such media')
    media.polls++
    media.ready = media.polls >= settings.pendingLooks
    const state = media.ready ? 'succeeded' : 'pending'
    return answer({ data: { id, media_key: `3_${id}`, processing_info: { state, check_after_secs: 1 } } })
  }
  if (route === 'POST /2/media/metadata') {
    const { id, metadata } = body as { id: string; metadata: { alt_text: { text: string } } }
    const media = world.media.get(id)
    if (!media) return problem(400, 'Invalid Request', 'no such media')
    media.alt_text = metadata.alt_text.text
    return answer({ data: { id } })
  }
  if (route === 'POST /2/tweets') return createPost(body as PostBody, world, settings)
  return problem(404, 'Not Found', `this X does not know ${route}`)
}

interface PostBody {
  text: string
  reply?: { in_reply_to_tweet_id: string }
  media?: { media_ids: string[] }
}

function createPost({ text, reply, media }: PostBody, world: World, settings: Settings): Answer {
  const forbidden = (detail: string) => problem(403, 'Forbidden', detail)
  if (weigh(text) > 280) return forbidden('Your post is too long.')
  const target = reply && world.posts.get(reply.in_reply_to_tweet_id)
  if (reply && (!target || target.deleted))
    return forbidden('You attempted to reply to a Tweet that is deleted or not visible to you.')
  if (target && !world.summonsUs(target))
    return forbidden(
      'Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.',
    )
  const mediaIds = media?.media_ids ?? []
  if (mediaIds.some((id) => !world.media.get(id)?.ready))
    return problem(400, 'Invalid Request', 'Your media IDs are invalid.')
  if (
    settings.refuseDuplicates &&
    world.find((post) => post.author_id === own.id && post.text === text).length > 0
  )
    return forbidden('You are not allowed to create a Tweet with duplicate content.')
  const post = world.reply(text, reply?.in_reply_to_tweet_id, mediaIds)
  return answer({ data: { id: post.id, text, edit_history_tweet_ids: [post.id] } }, 201)
}

/** A link counts 23; characters outside the Latin, Greek, Cyrillic and similar scripts count twice. */
const weigh = (text: string) =>
  [...text.replaceAll(/https?:\/\/\S+/g, 'x'.repeat(23))].reduce(
    (sum, letter) => sum + (letter.codePointAt(0)! <= 0x10ff ? 1 : 2),
    0,
  )

interface RuleChange {
  add?: { value: string; tag?: string }[]
  delete?: { ids: string[] }
}

function changeRules(change: RuleChange, stream: Stream): Answer {
  const gone = change.delete?.ids ?? []
  stream.rules = stream.rules.filter(({ id }) => !gone.includes(id))
  const added = (change.add ?? []).map((rule) => ({ id: snowflake(), ...rule }))
  for (const { value } of added) parseQuery(value)
  const fresh = added.filter(({ value }) => !stream.rules.some((rule) => rule.value === value))
  stream.rules.push(...fresh)
  return answer({ data: fresh, meta: { summary: { created: fresh.length, deleted: gone.length } } }, 201)
}

const notFound = (id: string) => ({
  ...{ value: id, resource_id: id, parameter: 'ids', resource_type: 'tweet', title: 'Not Found Error' },
  detail: `Could not find tweet with ids: [${id}].`,
  type: 'https://api.twitter.com/2/problems/resource-not-found',
})
