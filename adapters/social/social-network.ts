/** A social network that mosaics come from and go back to: X, and whatever else implements this. */

/** A post that asked for a mosaic. */
export interface Post {
  network: string
  id: string
  url: string
  /** Without `@`. */
  handle: string
  /** Name as the person writes it, any Unicode. */
  author: string
  /** Whether it speaks to the own account, so that the account may answer. Absent: nobody has looked. */
  summonsUs?: boolean
}

/** A post as the network shows it. */
export interface SeenPost extends Post {
  summonsUs: boolean
  text: string
  /** RFC 3339. */
  createdAt: string
  /** BCP 47, as the network guesses it. */
  language?: string
  /** Its author or the network calls it not safe for everybody. */
  sensitive: boolean
  /** Without `#`, lower case. */
  hashtags: string[]
  photos: { url: string; width?: number; height?: number }[]
  /** Somebody else's post passed on. */
  isRepost: boolean
  byUs: boolean
}

/** Where posts are read from. `search` reaches back seven days on X; `mentions` is cheaper there. */
export type PostSource = { kind: 'mentions' } | { kind: 'search'; query: PostQuery }

/** Posts with a photo, no reposts, under one of these hashtags. */
export interface PostQuery {
  /** Without `#`. */
  hashtags: readonly string[]
  /** And those, with or without a photo, that say this word to the own account. */
  orWord?: string
  /** Only those that mention the own account. */
  summoning?: boolean
  languages?: readonly string[]
}

export interface PageWanted {
  /** Newer than this post (exclusive). */
  sinceId?: string | undefined
  /** Older than this post (exclusive). */
  untilId?: string | undefined
  /** Posts at most, as far as the network can be held to it. */
  limit?: number | undefined
  signal?: AbortSignal
}

export interface PostPage {
  /** Newest first. */
  posts: SeenPost[]
  /** How many posts were read, which is what networks charge for. */
  reads: number
  /** Older ones follow: ask again until the oldest of these. */
  more: boolean
  /** Of what was read, where the network cannot leave out by itself what the query does not want. */
  newestId?: string
  oldestId?: string
}

export interface ReplyMessage {
  text: string
  altText: string
  picture: Uint8Array
  contentType: string
}

export interface ReplyOptions {
  signal?: AbortSignal
  /** Called when all is ready, right before the one call that the world sees. What it throws stops that call. */
  beforePosting?: () => Promise<void>
}

export type Publication =
  | { status: 'published'; url: string }
  /** The rules of the network, or the absence of credentials, say no: the mosaic is in the gallery only. */
  | { status: 'gallery_only'; reason: string }
  /** The answer was lost: it may or may not be out. A person decides; it is never posted twice. */
  | { status: 'unknown'; reason: string }

export interface SocialNetwork {
  readonly name: string
  /** Own handle, without `@`. */
  readonly account: string
  /** Bytes that a picture may have. Absent: more than ours ever has. */
  readonly largestPicture?: number
  /** Whether the text is within the network's limit, counted as the network counts. */
  fits(text: string): boolean
  /** Why its rules forbid to answer this post; `undefined` when they do not. */
  whyNoReply(to: Post): string | undefined
  /**
   * Answers a post with a picture and a text. Calling it twice answers twice: who calls looks first.
   * @throws {SocialError} with `maybeDone` when the answer may be out all the same
   */
  reply(to: Post, message: ReplyMessage, options?: ReplyOptions): Promise<{ url: string }>
  /** The own answer to this post, as the own timeline shows it. @throws {SocialError} */
  findReply(to: Post, options?: { signal?: AbortSignal }): Promise<{ url: string } | undefined>
  /** One page of posts. @throws {SocialError} */
  read(source: PostSource, page: PageWanted): Promise<PostPage>
  /**
   * Holds a connection on which new posts arrive, until the signal ends it. The network allows one per account.
   * @throws {SocialError} when the connection breaks or goes silent; `social_too_many_connections` when another has it
   */
  stream(query: PostQuery, options: StreamOptions): Promise<void>
  /** The ID that a post of this moment would have, ms since 1970: with it, reading begins at a time. */
  idAt(time: number): string
  timeOf(id: string): number
  /** The post that an address of the network is about. */
  postIdOf(url: string): string | undefined
  /** Which of these posts are there no more. At most 100 IDs. @throws {SocialError} */
  findGone(ids: readonly string[], options?: { signal?: AbortSignal }): Promise<string[]>
}

/** By age, as {@link Array.sort} wants it: IDs are numbers in text, longer than a JavaScript number. */
export const olderFirst = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

export interface StreamOptions {
  signal: AbortSignal
  onConnected?: () => void
  onPost: (post: SeenPost) => void
}
