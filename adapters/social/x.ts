/** X, through `twitter-api-v2`. */
import type { ApiV2Includes, TweetV2 } from 'twitter-api-v2'
import { endingWith } from '../ending.ts'
import type { XEnvironment } from '../environment.ts'
import { freeOfCharge, type Ledger } from './ledger.ts'
import { SocialError } from './social-error.ts'
import type { PageWanted, PostPage, PostSource, SeenPost, SocialNetwork } from './social-network.ts'
import { ask, xClients } from './x/client.ts'
import { type Account, idAt, postFields, postIdOf, searchQuery, seenPost, timeOfId } from './x/posts.ts'
import { findOwnReply, postReply } from './x/publish.ts'
import { holdStream, setRule } from './x/stream.ts'
import { longestText, textLength } from './x/text-length.ts'
import { uploadPicture } from './x/upload.ts'

export interface XOptions {
  credentials: XEnvironment
  /** Ends in `/2/`. */
  apiUrl: string
  /** Our handle, without `@`. */
  account: string
  ledger?: Ledger
  /** Silence, without even an empty line, after which a stream is dead, ms. Default 30 s; X sends a line every 20 s. */
  silenceMs?: number
}

interface Page {
  data?: TweetV2[]
  includes?: ApiV2Includes
  meta?: { next_token?: string }
}

/** Recent search reaches back seven days and rejects older IDs. One hour less, because clocks differ. */
const searchReachMs = (7 * 24 - 1) * 60 * 60 * 1000

/** What the client turns a character split across chunks into. */
const brokenCharacter = '\ufffd'

export function openX({
  credentials,
  apiUrl,
  account,
  ledger = freeOfCharge,
  silenceMs,
}: XOptions): SocialNetwork {
  const { user, app } = xClients(credentials, apiUrl)

  // Access tokens begin with the account's number.
  let ownId = /^(\d+)-/.exec(credentials.accessToken)?.[1]
  async function us(signal?: AbortSignal): Promise<Account> {
    if (ownId === undefined) {
      const { data } = await ask('tell which account this is', signal, () => user.me())
      await ledger.record('user_read', 1)
      ownId = data.id
    }
    return { id: ownId, handle: account }
  }

  async function read(
    source: PostSource,
    { sinceId, untilId, limit = 100, signal }: PageWanted,
  ): Promise<PostPage> {
    const me = await us(signal)
    const call = source.kind === 'mentions' ? 'mention_read' : 'post_read'
    await ledger.admit(call)
    const page = await ask(source.kind === 'mentions' ? 'show the mentions' : 'search', signal, () =>
      source.kind === 'mentions'
        ? user.get<Page>(`users/${me.id}/mentions`, query({ sinceId, untilId, limit }, 5))
        : (app ?? user).get<Page>('tweets/search/recent', {
            ...query({ sinceId: searchable(sinceId), untilId, limit }, 10),
            query: searchQuery(source.query, me),
          }),
    )
    const posts = (page.data ?? []).map((tweet) => seenPost(tweet, page.includes, me))
    await ledger.record(call, posts.length)
    return { posts, reads: posts.length, more: page.meta?.next_token !== undefined }
  }

  async function fetchPost(id: string, signal: AbortSignal): Promise<SeenPost | undefined> {
    const me = await us(signal)
    const { data, includes } = await ask('show a post', signal, () =>
      user.get<{ data?: TweetV2; includes?: ApiV2Includes }>(`tweets/${id}`, { ...postFields }),
    )
    await ledger.record('post_read', 1)
    return data && seenPost(data, includes, me)
  }

  return {
    name: 'x',
    account,
    fits: (text) => textLength(text) <= longestText,

    // X's rule for self-serve apps since February 2026. Unless it is known to mention us, a post gets no reply.
    whyNoReply: ({ summonsUs }) =>
      summonsUs ? undefined : `X only lets apps reply to posts that mention or quote @${account}`,

    async reply(to, message, { signal, beforePosting } = {}) {
      const me = await us(signal)
      await ledger.admit('reply')
      const mediaId = await uploadPicture(user, message, signal)
      await beforePosting?.()
      const posted = await postReply(user, me, to, message.text, mediaId, signal)
      await ledger.record('reply', 1)
      return posted
    },

    findReply: async (to, { signal } = {}) =>
      await findOwnReply(user, await us(signal), to, (posts) => ledger.record('own_read', posts), signal),

    read,

    async stream(postQuery, { signal, onConnected = () => {}, onPost }) {
      if (!app)
        throw new SocialError('social_unauthorized', 'Expected X_BEARER_TOKEN for the stream, got nothing.', {
          retryable: false,
        })
      const me = await us(signal)
      await ledger.admit('post_read')
      await setRule(app, searchQuery(postQuery, me), signal)
      // A failure while handling a post ends the stream, so that the post is not lost silently.
      using held = endingWith(signal)
      let failure: unknown
      const under = new Set<Promise<void>>()
      const take = async (tweet: TweetV2, includes: ApiV2Includes | undefined): Promise<void> => {
        await ledger.record('post_read', 1)
        await ledger.admit('post_read')
        const post = JSON.stringify([tweet, includes]).includes(brokenCharacter)
          ? await fetchPost(tweet.id, signal)
          : seenPost(tweet, includes, me)
        if (post) onPost(post)
      }
      await holdStream(app, {
        signal: held.signal,
        ...(silenceMs !== undefined && { silenceMs }),
        onConnected,
        onData: ({ data, includes }) => {
          const task = take(data, includes)
            .catch((error: unknown) => {
              failure ??= error
              held.end()
            })
            .finally(() => under.delete(task))
          under.add(task)
        },
      })
      await Promise.all(under)
      if (failure !== undefined && !signal.aborted) throw failure
    },

    idAt,
    timeOf: timeOfId,
    postIdOf,

    async findGone(ids, { signal } = {}) {
      if (ids.length === 0) return []
      await ledger.admit('post_read')
      const { data = [] } = await ask('look posts up', signal, () =>
        user.get<Page>('tweets', { ids: ids.join(',') }),
      )
      await ledger.record('post_read', data.length)
      const there = new Set(data.map(({ id }) => id))
      return ids.filter((id) => !there.has(id))
    },
  }
}

function query(
  { sinceId, untilId, limit = 100 }: PageWanted,
  smallest: number,
): Record<string, string | number> {
  return {
    ...postFields,
    max_results: Math.min(100, Math.max(smallest, limit)),
    ...(sinceId !== undefined && { since_id: sinceId }),
    ...(untilId !== undefined && { until_id: untilId }),
  }
}

function searchable(sinceId: string | undefined): string | undefined {
  if (sinceId === undefined) return undefined
  const oldest = idAt(Date.now() - searchReachMs)
  return BigInt(sinceId) < BigInt(oldest) ? oldest : sinceId
}
