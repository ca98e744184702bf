/** The fake Mastodon's state: posts, and our notifications. */

export const accessToken = 'fake-mastodon-token'
/** The account that the token belongs to. */
export const own = { id: '4200', username: 'mosaicbot', acct: 'mosaicbot', display_name: 'Mosaic Bot' }

export interface FakeStatus {
  id: string
  created_at: string
  /** `user`, or `user@server`. */
  by: string
  name: string
  text: string
  visibility: 'public' | 'unlisted' | 'private' | 'direct'
  language: string | null
  sensitive: boolean
  photos: number
  tags: string[]
  reply_to?: string
  media_ids?: string[]
  deleted: boolean
}

/** Given by a test; the rest is generated. */
export interface StatusWanted {
  text: string
  by?: string
  name?: string
  photos?: number
  visibility?: FakeStatus['visibility']
  language?: string
  sensitive?: boolean
}

export class World {
  readonly posts = new Map<string, FakeStatus>()
  readonly media = new Map<string, { bytes: number; description: string; looks: number; ready: boolean }>()
  /** Mastodon keeps them for an hour. */
  readonly byKey = new Map<string, FakeStatus>()
  #sequence = 0n

  clear(): void {
    this.posts.clear()
    this.byKey.clear()
  }

  /** IDs like Mastodon's: ms, then 16 bits. */
  nextId(): string {
    this.#sequence = (this.#sequence + 1n) & 0xffffn
    return String((BigInt(Date.now()) << 16n) | this.#sequence)
  }

  add(wanted: StatusWanted): FakeStatus {
    const by = wanted.by ?? 'someone@elsewhere.example'
    const post: FakeStatus = {
      id: this.nextId(),
      created_at: new Date().toISOString(),
      ...{ by, name: wanted.name ?? by.split('@')[0]!, text: wanted.text },
      visibility: wanted.visibility ?? 'public',
      language: wanted.language ?? 'en',
      sensitive: wanted.sensitive ?? false,
      photos: wanted.photos ?? 1,
      tags: [...wanted.text.matchAll(/#([\p{L}\p{N}_]+)/gu)].map(([, tag]) => tag!.toLowerCase()),
      deleted: false,
    }
    this.posts.set(post.id, post)
    return post
  }

  newestFirst(wanted: (post: FakeStatus) => boolean): FakeStatus[] {
    return [...this.posts.values()]
      .filter((post) => !post.deleted && wanted(post))
      .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1))
  }

  /** Notifications have their own IDs, in order of arrival. */
  notifications(): { id: string; post: FakeStatus }[] {
    const mentioning = this.newestFirst((post) => this.mentionsUs(post) && post.by !== own.acct)
    return mentioning.map((post, n) => ({ id: String(mentioning.length - n), post }))
  }

  mentionsUs = ({ text }: FakeStatus): boolean => new RegExp(`@${own.username}\\b`).test(text)
}

const asHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')

/** https://docs.joinmastodon.org/entities/Status/ */
export function asStatus(post: FakeStatus, world: World, site: string) {
  const { id, created_at, by, name, text, visibility, language, sensitive, reply_to } = post
  const [username = ''] = by.split('@')
  return {
    ...{ id, created_at, visibility, language, sensitive },
    content: `<p>${asHtml(text).replaceAll(/#([\p{L}\p{N}_]+)/gu, '<a href="/tags/$1">#<span>$1</span></a>')}</p>`,
    in_reply_to_id: reply_to ?? null,
    // The URL of a remote post on its own server has another ID.
    url: by.includes('@') ? `https://${by.split('@')[1]}/@${username}/99${id}` : `${site}/@${by}/${id}`,
    reblog: null,
    account: { id: by === own.acct ? own.id : `7${username.length}`, acct: by, username, display_name: name },
    media_attachments: Array.from({ length: post.photos }, (_, n) => ({
      id: `${id}${n}`,
      type: 'image',
      url: `${site}/photos/${id}-${n}.jpg`,
      meta: { original: { width: 160, height: 120 } },
    })),
    mentions: world.mentionsUs(post) ? [{ id: own.id, acct: own.acct }] : [],
    tags: post.tags.map((tag) => ({ name: tag, url: `${site}/tags/${tag}` })),
  }
}
