/** Replies to a post on X, and looks for an existing reply. */
import type { TweetV2, TwitterApiv2 } from 'twitter-api-v2'
import { SocialError } from '../social-error.ts'
import type { Post } from '../social-network.ts'
import { ask } from './client.ts'
import { type Account, postUrl } from './posts.ts'

/** @throws {SocialError} with `maybeDone` if the reply may have been published */
export async function postReply(
  user: TwitterApiv2,
  us: Account,
  to: Post,
  text: string,
  mediaId: string,
  signal?: AbortSignal,
): Promise<{ url: string }> {
  const { data } = await ask('accept the reply', signal, () =>
    user.reply(text, to.id, { media: { media_ids: [mediaId] } }),
  )
  return { url: postUrl(us.handle, data.id) }
}

/** Posts per page, X's maximum. */
const pageSize = 100
/** X shows at most 3,200 posts of a timeline. */
const pagesAtMost = 32

interface Timeline {
  data?: TweetV2[]
  meta: { next_token?: string }
}

/** Searches our timeline from now back to the post itself, since a reply cannot be older. */
export async function findOwnReply(
  user: TwitterApiv2,
  us: Account,
  to: Post,
  onRead: (posts: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<{ url: string } | undefined> {
  let token: string | undefined
  for (let page = 0; page < pagesAtMost; page++) {
    const { data = [], meta } = await ask('show our timeline', signal, () =>
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
  // Beyond that, X does not tell.
  throw new SocialError(
    'social_refused',
    `The timeline does not reach back to the post ${to.id}: X only shows ${pageSize * pagesAtMost} posts.`,
    { retryable: false },
  )
}
