/** A social network as a source of posts and a target of replies, implemented by X and others. */

/** A post that asked for a mosaic. */
export interface Post {
  network: string
  id: string
  url: string
  /** Without `@`. */
  handle: string
  /** Display name, any Unicode. */
  author: string
  /** Whether it mentions or quotes our account, which may then reply. Absent: unknown. */
  summonsUs?: boolean
}

/** A post as the network shows it. */
export interface SeenPost extends Post {
  summonsUs: boolean
  text: string
  /** RFC 3339. */
  createdAt: string
  /** BCP 47, as detected by the network. */
  language?: string
  /** Marked as sensitive by its author or the network. */
  sensitive: boolean
  /** Without `#`, lower case. */
  hashtags: string[]
  photos: { url: string; width?: number; height?: number }[]
  /** A repost of somebody else's post. */
  isRepost: boolean
  byUs: boolean
}

/** Where to read posts. `search` reaches back seven days on X; `mentions` is cheaper there. */
export type PostSource = { kind: 'mentions' } | { kind: 'search'; query: PostQuery }

/** Posts with a photo under one of these hashtags, without reposts. */
export interface PostQuery {
  /** Without `#`. */
  hashtags: readonly string[]
  /** Plus posts to our account that contain this word, with or without a photo. */
  orWord?: string
  /** Only posts that mention our account. */
  summoning?: boolean
  languages?: readonly string[]
}

export interface PageWanted {
  /** Newer than this post (exclusive). */
  sinceId?: string | undefined
  /** Older than this post (exclusive). */
  untilId?: string | undefined
  /** Maximum posts, as far as the network supports a limit. */
  limit?: number | undefined
  signal?: AbortSignal
}

export interface PostPage {
  /** Newest first. */
  posts: SeenPost[]
  /** Posts read, which is what networks charge for. */
  reads: number
  /** There are older ones: ask again with the oldest of these as `untilId`. */
  more: boolean
  /** Range of everything read, if the network returns posts that the query does not want. */
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
  /** Called right before the one call with a public effect. An error thrown by it prevents that call. */
  beforePosting?: () => Promise<void>
}

export type Publication =
  | { status: 'published'; url: string }
  /** Not allowed by the network's rules, or no credentials: the mosaic is only in the gallery. */
  | { status: 'gallery_only'; reason: string }
  /** The response was lost, so it may or may not be published. A person decides; it is never posted twice. */
  | { status: 'unknown'; reason: string }

export interface SocialNetwork {
  readonly name: string
  /** Our handle, without `@`. */
  readonly account: string
  /** Maximum size of a picture, bytes. Absent: larger than any of ours. */
  readonly largestPicture?: number
  /** Whether the text is within the network's limit, by the network's own count. */
  fits(text: string): boolean
  /** Why its rules forbid a reply to this post; `undefined` if they do not. */
  whyNoReply(to: Post): string | undefined
  /**
   * Replies to a post with a picture and a text. Not idempotent: callers must check for an earlier reply first.
   * @throws {SocialError} with `maybeDone` if the reply may have been published nevertheless
   */
  reply(to: Post, message: ReplyMessage, options?: ReplyOptions): Promise<{ url: string }>
  /** Our reply to this post, as found on our own timeline. @throws {SocialError} */
  findReply(to: Post, options?: { signal?: AbortSignal }): Promise<{ url: string } | undefined>
  /** One page of posts. @throws {SocialError} */
  read(source: PostSource, page: PageWanted): Promise<PostPage>
  /**
   * Keeps a connection open that delivers new posts, until the signal aborts. Networks allow one per account.
   * @throws {SocialError} if the connection breaks or goes silent; `social_too_many_connections` if another one is open
   */
  stream(query: PostQuery, options: StreamOptions): Promise<void>
  /** The ID that a post of this moment would have, ms since 1970, so that reading can start at a time. */
  idAt(time: number): string
  timeOf(id: string): number
  /** The ID of the post that a URL of the network refers to. */
  postIdOf(url: string): string | undefined
  /** Which of these posts no longer exist. At most 100 IDs. @throws {SocialError} */
  findGone(ids: readonly string[], options?: { signal?: AbortSignal }): Promise<string[]>
}

/** Compares by age, for {@link Array.sort}: IDs are decimal numbers too large for a JavaScript number. */
export const olderFirst = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

export interface StreamOptions {
  signal: AbortSignal
  onConnected?: () => void
  onPost: (post: SeenPost) => void
}
