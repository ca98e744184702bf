/** Bluesky, over the AT protocol's XRPC: a few calls with plain `fetch`, since its client requires Node 22. */
import { createHash } from 'node:crypto'
import {
  didOf,
  facetsOf,
  idAt,
  idOf,
  keyOf,
  type PostView,
  postIdOf,
  seenPost,
  timeOf,
  uriOf,
  webAddress,
} from './bluesky/posts.ts'
import { microsOf, tidOf } from './bluesky/tid.ts'
import { ask, type Call, pause } from './http.ts'
import { SocialError } from './social-error.ts'
import {
  olderFirst,
  type PageWanted,
  type Post,
  type PostPage,
  type PostQuery,
  type ReplyMessage,
  type SeenPost,
  type SocialNetwork,
} from './social-network.ts'

export interface BlueskyOptions {
  /** URL of our server or its entryway, without a trailing slash. */
  url: string
  /** Our handle, without `@`: `someone.bsky.social`. */
  account: string
  /** An app password. */
  password: string
  /** Polling interval, as there is no usable stream, ms. */
  pollMs?: number
}

interface Session {
  did: string
  accessJwt: string
}

const pageSize = 100
/** Posts per lookup. */
const lookUpSize = 25
const notificationPages = 10
const searchPages = 10
/** ms */
const slack = 1_000
/** Graphemes. */
const longestText = 300
const collection = 'app.bsky.feed.post'

export function openBluesky({ url, account, password, pollMs = 5_000 }: BlueskyOptions): SocialNetwork {
  const host = { name: 'Bluesky', url, credentials: 'BLUESKY_APP_PASSWORD' }

  let session: Promise<Session> | undefined
  function signIn(signal?: AbortSignal): Promise<Session> {
    const opened = ask<Session>(host, undefined, 'sign us in', 'xrpc/com.atproto.server.createSession', {
      ...{ method: 'POST', json: { identifier: account, password }, signal },
    })
      .then(({ data }) => data)
      .catch((error: unknown) => {
        session = undefined
        throw error
      })
    session = opened
    return opened
  }

  /** A session lasts two hours: a call that finds it expired signs in again, once. */
  async function call<T>(doing: string, method: string, options: Call = {}): Promise<T> {
    const before = session ?? signIn(options.signal)
    const { accessJwt } = await before
    try {
      return (await ask<T>(host, accessJwt, doing, `xrpc/${method}`, options)).data
    } catch (error) {
      if (!(error instanceof SocialError) || !/ExpiredToken|InvalidToken/.test(error.message)) throw error
      // Of several concurrent calls, only one signs in.
      if (session === before) void signIn(options.signal)
      const renewed = await (session ?? signIn(options.signal))
      return (await ask<T>(host, renewed.accessJwt, doing, `xrpc/${method}`, options)).data
    }
  }
  const us = async (signal?: AbortSignal) => await (session ?? signIn(signal))

  async function views(uris: readonly string[], signal?: AbortSignal): Promise<PostView[]> {
    const found: PostView[] = []
    for (let from = 0; from < uris.length; from += lookUpSize) {
      const query = new URLSearchParams(
        uris.slice(from, from + lookUpSize).map((one): [string, string] => ['uris', one]),
      )
      const { posts } = await call<{ posts: PostView[] }>(
        'look posts up',
        `app.bsky.feed.getPosts?${query}`,
        { signal },
      )
      found.push(...posts)
    }
    return found
  }

  async function mentions({ sinceId = '', untilId, signal }: PageWanted): Promise<SeenPost[]> {
    const uris: string[] = []
    let cursor: string | undefined
    for (let page = 0; page < notificationPages; page++) {
      const answer = await call<{
        notifications: { uri: string; reason: string; indexedAt: string }[]
        cursor?: string
      }>('show the mentions', 'app.bsky.notification.listNotifications', {
        query: { limit: pageSize, cursor },
        signal,
      })
      const fresh = answer.notifications.filter(({ uri }) => {
        const id = idOf(uri)
        return (
          id !== undefined &&
          olderFirst(sinceId, id) < 0 &&
          (untilId === undefined || olderFirst(id, untilId) < 0)
        )
      })
      for (const { uri, reason } of fresh)
        if (reason === 'mention' || reason === 'quote' || reason === 'reply') uris.push(uri)
      cursor = answer.cursor
      if (fresh.length === 0 || cursor === undefined) break
    }
    return await seen(await views([...new Set(uris)], signal), signal)
  }

  async function seen(posts: readonly PostView[], signal?: AbortSignal): Promise<SeenPost[]> {
    const me = await us(signal)
    return posts.flatMap((view) => seenPost(view, me) ?? []).sort((a, b) => olderFirst(b.id, a.id))
  }

  /** Search combines tags with AND, so each tag is searched separately. */
  async function search({ hashtags, languages = [] }: PostQuery, wanted: PageWanted): Promise<PostPage> {
    const { sinceId, untilId, limit = pageSize, signal } = wanted
    const size = Math.min(pageSize, Math.max(1, limit))
    const all = new Map<string, SeenPost>()
    let reads = 0
    /** Of all incomplete searches, how far back the shortest reaches: results beyond that are incomplete. */
    let reach = ''
    const isWithin = ({ id }: SeenPost) =>
      (sinceId === undefined || olderFirst(sinceId, id) < 0) &&
      (untilId === undefined || olderFirst(id, untilId) < 0)
    for (const tag of hashtags) {
      let cursor: string | undefined
      let oldest: string | undefined
      // A page may contain only known posts, from the second in which the last one ended.
      for (let page = 0; page < searchPages && (page === 0 || (cursor && oldest === undefined)); page++) {
        const answer = await call<{ posts: PostView[]; cursor?: string }>(
          'search',
          'app.bsky.feed.searchPosts',
          {
            query: {
              ...{ q: `#${tag}`, sort: 'latest', limit: size, cursor },
              // The search's times differ slightly from the keys', so unwanted posts are filtered out here.
              since: sinceId === undefined ? undefined : new Date(timeOf(sinceId) - slack).toISOString(),
              until: untilId === undefined ? undefined : new Date(timeOf(untilId) + slack).toISOString(),
            },
            signal,
          },
        )
        cursor = answer.cursor
        reads += answer.posts.length
        const found = (await seen(answer.posts, signal)).filter(isWithin)
        oldest = found.at(-1)?.id
        for (const post of found) all.set(post.id, post)
      }
      if (cursor !== undefined && oldest !== undefined && olderFirst(reach, oldest) < 0) reach = oldest
    }
    const within = [...all.values()]
      .filter(({ id }) => reach === '' || olderFirst(reach, id) <= 0)
      .sort((a, b) => olderFirst(b.id, a.id))
    const [newest] = within
    const oldest = within.at(-1)
    return {
      posts: within.filter(
        ({ language }) => languages.length === 0 || (language && languages.includes(language)),
      ),
      ...{ reads, more: reach !== '' && oldest !== undefined },
      ...(newest && oldest && { newestId: newest.id, oldestId: oldest.id }),
    }
  }

  async function uploadPicture({ picture, contentType }: ReplyMessage, signal?: AbortSignal) {
    try {
      const { blob } = await call<{ blob: object }>('accept the picture', 'com.atproto.repo.uploadBlob', {
        ...{ method: 'POST', bytes: picture, headers: { 'Content-Type': contentType }, signal },
      })
      return blob
    } catch (error) {
      if (!(error instanceof SocialError)) throw error
      // Not visible to anybody yet, so it may be repeated.
      const { code, message, retryable, retryAfterSeconds } = error
      throw new SocialError(code, message, { retryable, retryAfterSeconds })
    }
  }

  return {
    name: 'bluesky',
    account,
    largestPicture: 950_000,

    fits: (text) => [...new Intl.Segmenter('en').segment(text)].length <= longestText,

    whyNoReply: ({ summonsUs }) =>
      summonsUs === false
        ? `bots on Bluesky may only reply to posts that mention them: @${account}`
        : undefined,

    async reply(to, message, { signal, beforePosting } = {}) {
      const { did } = await us(signal)
      const [target] = await views([uriOf(to.id)], signal)
      if (!target)
        throw new SocialError('social_post_gone', `The post ${to.url} has been deleted.`, {
          retryable: false,
        })
      const image = await uploadPicture(message, signal)
      const parent = { uri: target.uri, cid: target.cid }
      const record = {
        ...{ $type: collection, text: message.text, createdAt: new Date().toISOString() },
        facets: facetsOf(message.text, { handle: to.handle, did: didOf(to.id) }),
        reply: { root: target.record.reply?.root ?? parent, parent },
        embed: { $type: 'app.bsky.embed.images', images: [{ alt: message.altText, image }] },
      }
      await beforePosting?.()
      const rkey = answerKey(to, did)
      await call('accept the reply', 'com.atproto.repo.putRecord', {
        ...{ method: 'POST', json: { repo: did, collection, rkey, record }, signal },
      })
      return { url: webAddress(did, rkey) }
    },

    /** Reads the record with the key that a reply would have. */
    async findReply(to, { signal } = {}) {
      const { did } = await us(signal)
      const rkey = answerKey(to, did)
      try {
        await call('show our reply', 'com.atproto.repo.getRecord', {
          query: { repo: did, collection, rkey },
          signal,
        })
        return { url: webAddress(did, rkey) }
      } catch (error) {
        if (error instanceof SocialError && /RecordNotFound/.test(error.message)) return undefined
        throw error
      }
    },

    async read(source, wanted) {
      if (source.kind === 'search') return await search(source.query, wanted)
      const posts = await mentions(wanted)
      return { posts, reads: posts.length, more: false }
    },

    /** Polls the search, because there is no stream of a single hashtag. */
    async stream(query, { signal, onConnected = () => {}, onPost }) {
      let sinceId = idAt(Date.now())
      await us(signal)
      onConnected()
      while (!signal.aborted) {
        try {
          await pause(pollMs, signal)
          const { posts } = await search(query, { sinceId, signal })
          for (const post of posts.toReversed()) {
            onPost(post)
            sinceId = post.id
          }
        } catch (error) {
          if (!signal.aborted) throw error
        }
      }
    },

    idAt,
    timeOf,
    postIdOf,

    async findGone(ids, { signal } = {}) {
      const there = new Set((await views(ids.map(uriOf), signal)).map(({ uri }) => idOf(uri)))
      return ids.filter((id) => !there.has(id))
    },
  }
}

/** The same for the same post, so that a repeated put is still one reply. */
function answerKey({ id }: Pick<Post, 'id'>, did: string): string {
  const clock = createHash('sha256').update(`${id} ${did}`).digest().readUInt16BE() & 1023
  return tidOf(microsOf(keyOf(id)) + 1n, clock)
}
