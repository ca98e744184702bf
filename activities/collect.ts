/** Collect: reads one page of posts and lists the photos that may become tiles, with credit to their authors. */
import { createHash } from 'node:crypto'
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity'
import type { BlockList } from '../adapters/moderation/block-list.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { SocialError } from '../adapters/social/social-error.ts'
import type { SeenPost, SocialNetwork } from '../adapters/social/social-network.ts'
import type { ObjectRef } from './objects.ts'
import { createBackoff } from './social/network-backoff.ts'
import { networkFailure, networkNotConfigured } from './social/network-failure.ts'

export interface CollectInput {
  /** The collector's workflow ID. The list is stored under it. */
  collector: string
  network: string
  hashtags: string[]
  languages: string[]
  smallestSide: number
  photosPerAuthor: number
  sinceId?: string | undefined
  untilId?: string | undefined
  /** Maximum posts to read. */
  limit: number
}

export interface CollectedPage {
  /** Posts read, including by failed attempts. */
  reads: number
  /** Absent: there were no posts. */
  newestId?: string
  oldestId?: string
  /** Whether there are older posts. */
  more: boolean
  /** A list of `TileSource`, as `indexTiles` takes it. */
  sources?: ObjectRef
  count: number
}

/** Kept in the heartbeat: reads are charged for, even if this attempt fails. */
interface Paid {
  reads: number
}

export function createCollect({
  store,
  networks,
  blocked,
}: {
  store: ObjectStore
  networks: readonly SocialNetwork[]
  blocked: BlockList
}) {
  return async function collect(input: CollectInput): Promise<CollectedPage> {
    const network = networks.find(({ name }) => name === input.network)
    if (!network) throw networkNotConfigured(input.network)
    const before = (activityInfo().heartbeatDetails as Paid | undefined)?.reads ?? 0
    if (before >= input.limit) return { reads: before, more: true, count: 0 }

    const { hashtags, languages, sinceId, untilId } = input
    const query = { hashtags, languages }
    try {
      const limit = Math.min(100, input.limit - before)
      const signal = cancellationSignal()
      const page = await network.read({ kind: 'search', query }, { sinceId, untilId, limit, signal })
      const { posts, reads, more } = page
      const paid: Paid = { reads: before + reads }
      heartbeat(paid)
      const photos = await photosOf(posts, input)
      const list = Buffer.from(JSON.stringify(photos))
      const sources = layout.work.sources(input.collector, createHash('sha256').update(list).digest('hex'))
      await store.put(sources.bucket, sources.key, list, {
        contentType: 'application/json',
        signal,
      })
      const { newestId = posts[0]?.id, oldestId = posts.at(-1)?.id } = page
      return {
        reads: paid.reads,
        ...(newestId !== undefined && { newestId }),
        ...(oldestId !== undefined && { oldestId }),
        more,
        sources,
        count: photos.length,
      }
    } catch (error) {
      if (!(error instanceof SocialError)) throw error
      throw networkFailure(error, createBackoff().after(error) * 2 ** Math.min(6, activityInfo().attempt - 1))
    }
  }

  async function photosOf(posts: SeenPost[], { smallestSide, photosPerAuthor }: CollectInput) {
    const byAuthor = new Map<string, number>()
    const photos: { source: { url: string }; name: string; author: Author }[] = []
    for (const post of posts) {
      if (post.byUs || post.isRepost || post.sensitive) continue
      if (await blocked.against(post)) continue
      for (const [n, { url, width, height }] of post.photos.entries()) {
        if (Math.min(width ?? smallestSide, height ?? smallestSide) < smallestSide) continue
        const count = (byAuthor.get(post.handle) ?? 0) + 1
        if (count > photosPerAuthor) continue
        byAuthor.set(post.handle, count)
        photos.push({
          source: { url },
          name: n === 0 ? post.url : `${post.url}#${n + 1}`,
          author: creditOf(post),
        })
      }
    }
    return photos
  }
}

type Author = ReturnType<typeof creditOf>

const creditOf = ({ author, handle, url }: SeenPost) => ({ name: author, handle, url })
