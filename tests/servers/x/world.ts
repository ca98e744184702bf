/** The fake X's state: accounts and posts. */

export interface FakeUser {
  id: string
  username: string
  name: string
}

export interface FakeMedia {
  media_key: string
  type: 'photo' | 'video'
  url: string
  width: number
  height: number
  alt_text?: string
}

export interface FakePost {
  id: string
  author_id: string
  text: string
  created_at: string
  lang: string
  possibly_sensitive: boolean
  media: FakeMedia[]
  reply_to?: string
  quotes?: string
  reposts?: string
  media_ids?: string[]
  deleted: boolean
}

/** Given by a test; the rest is generated. */
export interface PostWanted {
  /** Generated like X's unless given, since posts may show up late. */
  id?: string
  /** Without `@`; a new handle creates an account. */
  by?: string
  name?: string
  text: string
  photos?: number
  lang?: string
  sensitive?: boolean
  quotes?: string
  reposts?: string
}

/** The account that the credentials belong to. */
export const own: FakeUser = { id: '4200', username: 'mosaicbot', name: 'Mosaic Bot' }

const epoch = 1_288_834_974_657n
let sequence = 0n

/** IDs like X's: ms since its epoch, then 22 bits. */
export function snowflake(at = Date.now()): string {
  sequence = (sequence + 1n) & 0xfffn
  return String(((BigInt(at) - epoch) << 22n) | sequence)
}

export class World {
  readonly users = new Map<string, FakeUser>([[own.id, own]])
  readonly posts = new Map<string, FakePost>()
  readonly media = new Map<string, { bytes: number; alt_text?: string; polls: number; ready: boolean }>()

  add(wanted: PostWanted, site: string): FakePost {
    const author = this.#person(wanted.by ?? 'someone', wanted.name)
    const id = wanted.id ?? snowflake()
    const post: FakePost = {
      id,
      author_id: author.id,
      text: wanted.text,
      created_at: new Date(Number((BigInt(id) >> 22n) + epoch)).toISOString(),
      lang: wanted.lang ?? 'en',
      possibly_sensitive: wanted.sensitive ?? false,
      media: Array.from({ length: wanted.photos ?? 1 }, (_, n) => ({
        media_key: `3_${id}${n}`,
        type: 'photo' as const,
        url: `${site}/photos/${id}-${n}.jpg`,
        width: 160,
        height: 120,
      })),
      ...(wanted.quotes !== undefined && { quotes: wanted.quotes }),
      ...(wanted.reposts !== undefined && { reposts: wanted.reposts }),
      deleted: false,
    }
    this.posts.set(id, post)
    return post
  }

  reply(text: string, to: string | undefined, mediaIds: string[]): FakePost {
    const post = this.add({ text, by: own.username, photos: 0 }, '')
    post.media_ids = mediaIds
    if (to !== undefined) post.reply_to = to
    return post
  }

  /** Newest first, without deleted ones. */
  find(matches: (post: FakePost) => boolean): FakePost[] {
    return [...this.posts.values()]
      .filter((post) => !post.deleted && matches(post))
      .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1))
  }

  user = (id: string): FakeUser => this.users.get(id)!

  /** Whether X allows our account to reply: the post mentions or quotes it. */
  summonsUs({ text, quotes }: FakePost): boolean {
    const quoted = quotes === undefined ? undefined : this.posts.get(quotes)
    return mentions(text).includes(own.username) || quoted?.author_id === own.id
  }

  #person(username: string, name = username): FakeUser {
    const known = [...this.users.values()].find((user) => user.username === username)
    if (known) return known
    const user = { id: String(5000 + this.users.size), username, name }
    this.users.set(user.id, user)
    return user
  }
}

export const mentions = (text: string) => [...text.matchAll(/@(\w+)/g)].map(([, name]) => name!.toLowerCase())
export const hashtags = (text: string) =>
  [...text.matchAll(/#([\p{L}\p{N}_]+)/gu)].map(([, tag]) => tag!.toLowerCase())

/** A post in API v2's format. */
export function asTweet(post: FakePost, world: World) {
  const referenced = [
    ...(post.reply_to ? [{ type: 'replied_to', id: post.reply_to }] : []),
    ...(post.quotes ? [{ type: 'quoted', id: post.quotes }] : []),
    ...(post.reposts ? [{ type: 'retweeted', id: post.reposts }] : []),
  ]
  const { id, author_id, text, created_at, lang, possibly_sensitive } = post
  return {
    ...{ id, author_id, text, created_at, lang, possibly_sensitive },
    edit_history_tweet_ids: [id],
    entities: {
      hashtags: hashtags(text).map((tag) => ({ start: 0, end: 0, tag })),
      mentions: mentions(text).map((username) => ({
        ...{ start: 0, end: 0, username },
        id: [...world.users.values()].find((user) => user.username === username)?.id ?? '1',
      })),
    },
    ...(post.media.length > 0 && { attachments: { media_keys: post.media.map((one) => one.media_key) } }),
    ...(referenced.length > 0 && { referenced_tweets: referenced }),
  }
}

export function includesOf(posts: readonly FakePost[], world: World) {
  const referenced = posts.flatMap(({ quotes, reposts, reply_to }) =>
    [quotes, reposts, reply_to].flatMap((id) => {
      const post = id === undefined ? undefined : world.posts.get(id)
      return post && !post.deleted ? [post] : []
    }),
  )
  const users = new Map([...posts, ...referenced].map(({ author_id }) => [author_id, world.user(author_id)]))
  return {
    users: [...users.values()],
    media: posts.flatMap(({ media }) => media),
    tweets: referenced.map((post) => asTweet(post, world)),
  }
}
