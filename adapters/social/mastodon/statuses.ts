/** Converts Mastodon's statuses: https://docs.joinmastodon.org/entities/Status/ */
import type { SeenPost } from '../social-network.ts'

export interface Status {
  id: string
  created_at: string
  /** HTML. */
  content: string
  visibility: 'public' | 'unlisted' | 'private' | 'direct'
  sensitive: boolean
  language: string | null
  in_reply_to_id: string | null
  url: string | null
  reblog: object | null
  account: { id: string; acct: string; username: string; display_name: string }
  media_attachments: {
    type: string
    url: string | null
    meta?: { original?: { width?: number; height?: number } } | null
  }[]
  mentions: { id: string; acct: string }[]
  tags: { name: string }[]
}

export function seenPost(status: Status, own: { id: string }, server: string): SeenPost {
  const { id, account, media_attachments, language } = status
  // Private posts give no pictures to a public gallery; their words still count.
  const isPublic = status.visibility === 'public' || status.visibility === 'unlisted'
  return {
    ...{ network: 'mastodon', id, url: postUrl(server, account.acct, id) },
    handle: account.acct,
    author: account.display_name || account.username,
    summonsUs: status.mentions.some((mention) => mention.id === own.id),
    text: plainText(status.content),
    createdAt: status.created_at,
    ...(language !== null && { language }),
    sensitive: status.sensitive,
    hashtags: status.tags.map(({ name }) => name.toLowerCase()),
    photos: isPublic ? media_attachments.flatMap(photoOf) : [],
    isRepost: status.reblog !== null,
    byUs: account.id === own.id,
  }
}

function photoOf({ type, url, meta }: Status['media_attachments'][number]) {
  if (type !== 'image' || url === null) return []
  const { width, height } = meta?.original ?? {}
  return [{ url, ...(width !== undefined && { width }), ...(height !== undefined && { height }) }]
}

/** The post's URL on our own server, wherever its author is, by which it can be found again. */
export const postUrl = (server: string, acct: string, id: string) => `${server}/@${acct}/${id}`

export function postIdOf(url: string, server: string): string | undefined {
  return url.startsWith(`${server}/@`)
    ? /^\/@[^/]+\/(\d+)(#.*)?$/.exec(url.slice(server.length))?.[1]
    : undefined
}

/** ms, then 16 bits: https://github.com/mastodon/mastodon/blob/main/lib/mastodon/snowflake.rb */
export const idAt = (time: number): string => String(BigInt(time) << 16n)
export const timeOf = (id: string): number => Number(BigInt(id) >> 16n)

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

/** Mastodon's HTML has paragraphs, breaks, links and spans: https://docs.joinmastodon.org/spec/activitypub/#sanitization */
export const plainText = (html: string): string =>
  html
    .replaceAll(/<br\s*\/?>|<\/p>\s*<p>/gi, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
      if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole
      const point = Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10)
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole
    })
