/** Converts posts of X's API v2. */
import type { ApiV2Includes, MediaObjectV2, TweetV2 } from 'twitter-api-v2'
import type { PostQuery, SeenPost } from '../social-network.ts'

/** The fields that {@link seenPost} needs, for each call that returns posts. */
export const postFields = {
  'tweet.fields':
    'created_at,author_id,entities,referenced_tweets,attachments,lang,possibly_sensitive,in_reply_to_user_id',
  expansions: 'author_id,attachments.media_keys,referenced_tweets.id,referenced_tweets.id.author_id',
  'media.fields': 'type,url,width,height',
  'user.fields': 'name,username',
} as const

export interface Account {
  id: string
  /** Without `@`. */
  handle: string
}

export function seenPost(tweet: TweetV2, includes: ApiV2Includes | undefined, us: Account): SeenPost {
  const user = includes?.users?.find(({ id }) => id === tweet.author_id)
  const referenced = tweet.referenced_tweets ?? []
  const quotesUs = referenced
    .filter(({ type }) => type === 'quoted')
    .some(({ id }) => includes?.tweets?.find((one) => one.id === id)?.author_id === us.id)
  const mentionsUs = (tweet.entities?.mentions ?? []).some(
    ({ username }) => username.toLowerCase() === us.handle.toLowerCase(),
  )
  const media = (tweet.attachments?.media_keys ?? []).flatMap(
    (key) => includes?.media?.find(({ media_key }) => media_key === key) ?? [],
  )
  const handle = user?.username ?? ''
  return {
    network: 'x',
    id: tweet.id,
    url: postUrl(handle, tweet.id),
    handle,
    author: user?.name ?? handle,
    summonsUs: mentionsUs || quotesUs,
    text: tweet.text,
    createdAt: tweet.created_at ?? '',
    ...(tweet.lang && { language: tweet.lang }),
    sensitive: tweet.possibly_sensitive ?? false,
    hashtags: (tweet.entities?.hashtags ?? []).map(({ tag }) => tag.toLowerCase()),
    photos: media.flatMap(photo),
    isRepost: referenced.some(({ type }) => type === 'retweeted'),
    byUs: tweet.author_id === us.id,
  }
}

function photo({ type, url, width, height }: MediaObjectV2): SeenPost['photos'] {
  if (type !== 'photo' || url === undefined) return []
  return [{ url: fullSize(url), ...(width && { width }), ...(height && { height }) }]
}

/** X serves 1,200 px unless the original is requested, which only its own image server supports. */
function fullSize(address: string): string {
  const url = new URL(address)
  if (url.hostname === 'pbs.twimg.com') url.searchParams.set('name', 'orig')
  return url.href
}

/** X finds the post even without the handle. */
export const postUrl = (handle: string, id: string) => `https://x.com/${handle || 'i'}/status/${id}`

/** Whatever handle the URL contains: X finds the post by its number. */
export const postIdOf = (url: string) => /^https:\/\/(?:x|twitter)\.com\/\w+\/status\/(\d+)/.exec(url)?.[1]

/** A query in X's search language, which its filtered stream shares. */
export function searchQuery(query: PostQuery, us: Account): string {
  const { hashtags, summoning, languages = [], orWord } = query
  const photos = [
    anyOf(hashtags.map((tag) => `#${tag}`)),
    ...(summoning ? [`@${us.handle}`] : []),
    'has:images',
  ]
  return [
    ...(orWord === undefined ? photos : [`((${photos.join(' ')}) OR (@${us.handle} ${orWord}))`]),
    '-is:retweet',
    ...(languages.length > 0 ? [anyOf(languages.map((language) => `lang:${language}`))] : []),
  ].join(' ')
}

const anyOf = (words: readonly string[]) => (words.length === 1 ? words[0]! : `(${words.join(' OR ')})`)

/** 2010-11-04T01:42:54.657Z in ms since 1970, the epoch of X's IDs. The lower 22 bits are not time. */
const epoch = 1_288_834_974_657n

export const idAt = (ms: number): string => {
  const since = BigInt(Math.floor(ms)) - epoch
  return String(since > 0n ? since << 22n : 0n)
}

export const timeOfId = (id: string): number => Number((BigInt(id) >> 22n) + epoch)
