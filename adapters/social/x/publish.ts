/** Answering a post on X, and looking for an answer that is out already. */
import type { TweetV2, TwitterApiv2 } from 'twitter-api-v2'
import { SocialError } from '../social-error.ts'
import type { Post } from '../social-network.ts'
import { ask } from './client.ts'
import { type Account, postUrl } from './posts.ts'

/** @throws {SocialError} with `maybeDone` when the answer may be out */
export async function postReply(
  user: TwitterApiv2,
  us: Account,
  to: Post,
  text: string,
  mediaId: string,
  signal?: AbortSignal,
): Promise<{ url: string }> {
  const { data } = await ask('take the answer', signal, () =>
    user.reply(text, to.id, { media: { media_ids: [mediaId] } }),
  )
  return { url: postUrl(us.handle, data.id) }
}

/** Posts at a time, X's most. */
const pageSize = 100
/** X shows 3,200 posts of a timeline, and no more. */
const pagesAtMost = 32

interface Timeline {
  data?: TweetV2[]
  meta: { next_token?: string }
}

/** On the own timeline, from now back to the post itself: an answer cannot be older. */
export async function findOwnReply(
  user: TwitterApiv2,
  us: Account,
  to: Post,
  onRead: (posts: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<{ url: string } | undefined> {
  let token: string | undefined
  for (let page = 0; page < pagesAtMost; page++) {
    const { data = [], meta } = await ask('show the own timeline', signal, () =>
      user.get<Timeline>(`users/${us.id}/tweets`, {
        max_results: pageSize,
        since_id: to.id,
        'tweet.fields': 'referenced_tweets',
        ...(token !== undefined && { pagination_token: token }),
      }),
    )
    await onRead(data.length)
    const reply = data.find(({ referenced_tweets = [] }) =>
      referenced_tweets.some(({ type, id }) => type === 'replied_to' && id === to.id),
    )
    if (reply) return { url: postUrl(us.handle, reply.id) }
    token = meta.next_token
    if (token === undefined) return undefined
  }
  // Beyond what X shows nobody can know.
  throw new SocialError(
    'social_refused',
    `The timeline does not reach back to the post ${to.id}: X only shows ${pageSize * pagesAtMost} posts.`,
    { retryable: false },
  )
}
