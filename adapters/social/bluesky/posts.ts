/** Converts Bluesky's posts. https://docs.bsky.app/docs/api/app-bsky-feed-search-posts */
import type { SeenPost } from '../social-network.ts'
import { isTid, microsOf, tidOf } from './tid.ts'

export interface Facet {
  index: { byteStart: number; byteEnd: number }
  features: { $type: string; tag?: string; did?: string; uri?: string }[]
}

export interface RecordRef {
  uri: string
  cid: string
}

export interface PostView extends RecordRef {
  author: { did: string; handle: string; displayName?: string }
  record: {
    text: string
    langs?: string[]
    tags?: string[]
    facets?: Facet[]
    reply?: { root: RecordRef; parent: RecordRef }
    embed?: { record?: { uri?: string; record?: { uri: string } } }
  }
  embed?: {
    $type: string
    images?: { fullsize: string }[]
    media?: { $type: string; images?: { fullsize: string }[] }
  }
  labels?: { val: string }[]
  indexedAt: string
}

/**
 * Our post IDs combine a record's key, which sorts by time, with its author, since two authors may choose the same key. The
 * handful of authors without a `did:plc` are ignored.
 */
const ours = /^([2-7a-z]{13})-([2-7a-z]{24})$/
const uri = /^at:\/\/did:plc:([2-7a-z]{24})\/app\.bsky\.feed\.post\/([2-7a-z]{13})$/

export function idOf(address: string): string | undefined {
  const [, author, key = ''] = uri.exec(address) ?? []
  return author !== undefined && isTid(key) ? `${key}-${author}` : undefined
}

export function uriOf(id: string): string {
  const [, key, author] = ours.exec(id) ?? []
  return `at://did:plc:${author}/app.bsky.feed.post/${key}`
}

export const didOf = (id: string) => `did:plc:${ours.exec(id)?.[2]}`
export const keyOf = (id: string) => ours.exec(id)?.[1] ?? ''

/** Sorts before every post of that moment. */
export const idAt = (time: number): string => `${tidOf(BigInt(time) * 1000n, 0)}-${'2'.repeat(24)}`
export const timeOf = (id: string): number => Number(microsOf(id.slice(0, 13)) / 1000n)

export const webAddress = (did: string, key: string) => `https://bsky.app/profile/${did}/post/${key}`

export function postIdOf(url: string): string | undefined {
  const [, author, key = ''] =
    /^https:\/\/bsky\.app\/profile\/did:plc:([2-7a-z]{24})\/post\/([2-7a-z]{13})(#.*)?$/.exec(url) ?? []
  return author !== undefined && isTid(key) ? `${key}-${author}` : undefined
}

/** Tolerated difference between a post's key and its time, ms. Authors choose keys, and a wrong one would shift our position. */
const late = 60 * 60 * 1000
const early = 60 * 1000

const unsafe = new Set(['porn', 'sexual', 'nudity', 'graphic-media', 'gore', '!hide', '!warn'])

/** Undefined for a post whose key is not plausible. */
export function seenPost(view: PostView, own: { did: string }): SeenPost | undefined {
  const id = idOf(view.uri)
  if (id === undefined) return undefined
  const age = Date.parse(view.indexedAt) - timeOf(id)
  if (age > late || age < -early) return undefined
  const { author, record, labels = [] } = view
  const features = (record.facets ?? []).flatMap((facet) => facet.features)
  const quoted = record.embed?.record?.record?.uri ?? record.embed?.record?.uri
  const isOurs = (address: string | undefined) => address?.startsWith(`at://${own.did}/`) ?? false
  const [language] = record.langs ?? []
  return {
    ...{ network: 'bluesky', id, url: webAddress(author.did, keyOf(id)) },
    handle: author.handle,
    author: author.displayName || author.handle,
    summonsUs:
      features.some(({ did }) => did === own.did) || isOurs(quoted) || isOurs(record.reply?.parent.uri),
    text: record.text,
    createdAt: view.indexedAt,
    ...(language !== undefined && { language }),
    sensitive: labels.some(({ val }) => unsafe.has(val)),
    hashtags: [...features.flatMap(({ tag }) => tag ?? []), ...(record.tags ?? [])].map((tag) =>
      tag.toLowerCase(),
    ),
    photos: (view.embed?.images ?? view.embed?.media?.images ?? []).map(({ fullsize }) => ({
      url: fullsize,
    })),
    isRepost: false,
    byUs: author.did === own.did,
  }
}

/** Links, and the mention of the person replied to, at their byte offsets. */
export function facetsOf(text: string, to: { handle: string; did: string }): Facet[] {
  const at = (start: number, length: number) => ({
    byteStart: Buffer.byteLength(text.slice(0, start)),
    byteEnd: Buffer.byteLength(text.slice(0, start + length)),
  })
  const facets: Facet[] = []
  for (const { 0: link, index } of text.matchAll(/https?:\/\/[^\s]+/g))
    facets.push({
      index: at(index, link.length),
      features: [{ $type: 'app.bsky.richtext.facet#link', uri: link }],
    })
  const mention = `@${to.handle}`
  const index = text.indexOf(mention)
  if (index >= 0)
    facets.push({
      index: at(index, mention.length),
      features: [{ $type: 'app.bsky.richtext.facet#mention', did: to.did }],
    })
  return facets
}
