/** Mastodon, and other servers with its client API. Plain `fetch`, since masto 8 requires Node 22. */
import { createHash } from 'node:crypto'
import { endingWith } from '../ending.ts'
import { ask as askServer, type Call, pause } from './http.ts'
import { idAt, postIdOf, postUrl, type Status, seenPost, timeOf } from './mastodon/statuses.ts'
import { holdStream } from './mastodon/stream.ts'
import { SocialError } from './social-error.ts'
import {
  olderFirst,
  type PageWanted,
  type Post,
  type PostPage,
  type PostSource,
  type ReplyMessage,
  type SocialNetwork,
} from './social-network.ts'

export interface MastodonOptions {
  /** URL of the server, without a trailing slash. */
  url: string
  accessToken: string
  /** Our handle, without `@` and server. */
  account: string
  silenceMs?: number
  /** Interval of checking a picture that is being processed, ms. */
  pollMs?: number
}

/** Statuses per page, Mastodon's maximum. */
const pageSize = 40
/** Posts per lookup. */
const lookUpSize = 20
const notificationPages = 10
const timelinePages = 32
/** Default limit of servers; a link counts 23 whatever its length, a remote mention only its local part. */
const longestText = 500
/** Timeout of processing a picture, ms: it normally takes seconds. */
const patienceMs = 30_000

export function openMastodon(options: MastodonOptions): SocialNetwork {
  const { account, accessToken, silenceMs = 30_000, pollMs = 1_000, url: server } = options
  const host = { name: 'Mastodon', url: server, credentials: 'MASTODON_ACCESS_TOKEN' }
  const ask = <T>(doing: string, path: string, call: Call = {}) =>
    askServer<T>(host, accessToken, doing, path, call)

  let own: Promise<{ id: string }> | undefined
  function us(signal?: AbortSignal): Promise<{ id: string }> {
    own ??= ask<{ id: string }>('tell which account this is', 'api/v1/accounts/verify_credentials', {
      signal,
    })
      .then(({ data }) => data)
      .catch((error: unknown) => {
        own = undefined
        throw error
      })
    return own
  }

  async function read(source: PostSource, wanted: PageWanted): Promise<PostPage> {
    const me = await us(wanted.signal)
    const page =
      source.kind === 'mentions' ? await mentions(wanted) : await timeline(source.query.hashtags, wanted)
    const [newest] = page.statuses
    const oldest = page.statuses.at(-1)
    const languages = source.kind === 'search' ? (source.query.languages ?? []) : []
    const posts = page.statuses
      .map((status) => seenPost(status, me, server))
      .filter(({ language }) => languages.length === 0 || (language && languages.includes(language)))
    return {
      ...{ posts, reads: page.statuses.length, more: page.more },
      ...(newest && oldest && { newestId: newest.id, oldestId: oldest.id }),
    }
  }

  /** The timeline of a tag, or of `any` of the others: Mastodon's search cannot list hashtags newest first. */
  async function timeline([tag = '', ...any]: readonly string[], wanted: PageWanted) {
    const { sinceId, untilId, limit = pageSize, signal } = wanted
    const most = Math.min(pageSize, Math.max(1, limit))
    const { data } = await ask<Status[]>(
      'show a hashtag',
      `api/v1/timelines/tag/${encodeURIComponent(tag)}`,
      {
        query: { any, since_id: sinceId, max_id: untilId, limit: most, only_media: 'true' },
        signal,
      },
    )
    return { statuses: data, more: data.length === most }
  }

  /** Notifications have IDs of their own, so all pages are read back to the known post. */
  async function mentions({ sinceId = '0', untilId, signal }: PageWanted) {
    const found: Status[] = []
    let before: string | undefined
    for (let page = 0; page < notificationPages; page++) {
      const { data } = await ask<{ id: string; status?: Status }[]>(
        'show the mentions',
        'api/v1/notifications',
        { query: { types: ['mention'], max_id: before, limit: pageSize }, signal },
      )
      const statuses = data.flatMap(({ status }) => status ?? [])
      const fresh = statuses.filter(({ id }) => olderFirst(sinceId, id) < 0)
      found.push(...fresh)
      before = data.at(-1)?.id
      // Posts may be delivered late, so only a page without anything new is the last.
      if (fresh.length === 0 || data.length < pageSize) break
    }
    const within = untilId === undefined ? found : found.filter(({ id }) => olderFirst(id, untilId) < 0)
    return { statuses: within.sort((a, b) => olderFirst(b.id, a.id)), more: false }
  }

  async function uploadPicture({ picture, contentType, altText }: ReplyMessage, signal?: AbortSignal) {
    const form = new FormData()
    form.set('file', new Blob([new Uint8Array(picture)], { type: contentType }), 'mosaic.jpg')
    form.set('description', altText.slice(0, 1_500))
    try {
      let { data, status } = await ask<{ id: string }>('accept the picture', 'api/v2/media', {
        ...{ method: 'POST', form, signal },
      })
      for (const giveUpAt = Date.now() + patienceMs; status === 202 || status === 206; ) {
        if (Date.now() > giveUpAt)
          throw new SocialError(
            'social_upload_failed',
            'Expected Mastodon to process the picture, but it is not done yet.',
          )
        await pause(pollMs, signal)
        ;({ data, status } = await ask<{ id: string }>('process the picture', `api/v1/media/${data.id}`, {
          signal,
        }))
      }
      return data.id
    } catch (error) {
      if (!(error instanceof SocialError)) throw error
      // Not visible to anybody yet, so it may be repeated.
      const { code, message, retryable, retryAfterSeconds } = error
      throw new SocialError(code, message, { retryable, retryAfterSeconds })
    }
  }

  return {
    name: 'mastodon',
    account,

    fits: (text) =>
      [...text.replaceAll(/https?:\/\/\S+/g, 'x'.repeat(23)).replaceAll(/(@\w+)@[\w.-]+\w/g, '$1')].length <=
      longestText,

    // Servers require that bots only reply to people who addressed them.
    whyNoReply: ({ summonsUs }) =>
      summonsUs === false
        ? `bots on Mastodon may only reply to posts that mention them: @${account}`
        : undefined,

    async reply(to, message, { signal, beforePosting } = {}) {
      const mediaId = await uploadPicture(message, signal)
      await beforePosting?.()
      const { data } = await ask<Status>('accept the reply', 'api/v1/statuses', {
        method: 'POST',
        json: {
          ...{ status: message.text, in_reply_to_id: to.id, media_ids: [mediaId] },
          // Visible in the conversation, without flooding the public timelines.
          visibility: 'unlisted',
        },
        // Within an hour, a repeat returns the same status, even if the first response was lost.
        headers: { 'Idempotency-Key': idempotencyKey(account, to) },
        signal,
      })
      return { url: postUrl(server, account, data.id) }
    },

    async findReply(to, { signal } = {}) {
      const { id } = await us(signal)
      let before: string | undefined
      for (let page = 0; page < timelinePages; page++) {
        const { data } = await ask<Status[]>('show our timeline', `api/v1/accounts/${id}/statuses`, {
          query: { since_id: to.id, max_id: before, limit: pageSize, exclude_reblogs: 'true' },
          signal,
        })
        const reply = data.find(({ in_reply_to_id }) => in_reply_to_id === to.id)
        if (reply) return { url: postUrl(server, account, reply.id) }
        before = data.at(-1)?.id
        if (data.length < pageSize) return undefined
      }
      throw new SocialError(
        'social_refused',
        `The timeline does not reach back to the post ${to.id} within ${timelinePages * pageSize} posts.`,
        { retryable: false },
      )
    },

    read,

    async stream(query, { signal, onConnected = () => {}, onPost }) {
      const me = await us(signal)
      using held = endingWith(signal)
      const channels = [
        // Also delivers mentions without photo or hashtag: the opt-out word.
        { channel: 'user/notification' },
        ...query.hashtags.map((tag) => ({ channel: 'hashtag', query: { tag } })),
      ]
      let waiting = channels.length
      let failure: unknown
      await Promise.all(
        channels.map((channel) =>
          holdStream(host, accessToken, {
            ...{ ...channel, signal: held.signal, silenceMs },
            onConnected: () => {
              if (--waiting === 0) onConnected()
            },
            onStatus: (status) => onPost(seenPost(status, me, server)),
          }).catch((error: unknown) => {
            failure ??= error
            held.end()
          }),
        ),
      )
      if (failure !== undefined && !signal.aborted) throw failure
    },

    idAt,
    timeOf,
    postIdOf: (url) => postIdOf(url, server),

    async findGone(ids, { signal } = {}) {
      const there = new Set<string>()
      for (let from = 0; from < ids.length; from += lookUpSize) {
        const { data } = await ask<{ id: string }[]>('look posts up', 'api/v1/statuses', {
          query: { id: ids.slice(from, from + lookUpSize) },
          signal,
        })
        for (const { id } of data) there.add(id)
      }
      return ids.filter((id) => !there.has(id))
    },
  }
}

const idempotencyKey = (account: string, { id }: Post) =>
  createHash('sha256').update(`mosaicme answers ${id} as ${account}`).digest('hex')
