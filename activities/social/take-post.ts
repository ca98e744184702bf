/** Decides what a listener does with a post: starts a mosaic, records an opt-out, or ignores it. */
import type { BlockList } from '../../adapters/moderation/block-list.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import type { Post, SeenPost } from '../../adapters/social/social-network.ts'
import type { ObjectRef } from '../objects.ts'

/** Starts mosaics for posts and inboxes. Implemented by the worker, which has a Temporal client. */
export interface MosaicStarter {
  /** @returns false if the job exists, running or not: its ID makes one post one job */
  start(job: {
    jobId: string
    source: { url: string } | { object: ObjectRef }
    params: MosaicParams
    author?: { name?: string; handle?: string }
    post?: Post
    /** A moderator has to approve the mosaic before it is published. */
    review?: boolean
    /** Its origin, if no post asked for it. */
    from?: string
  }): Promise<boolean>
}

export interface MosaicParams {
  library: string
  cell: number
  scale?: number
  distance: number
  quality: number
}

export interface Wanted {
  hashtag: string
  optOutWord: string
  params: MosaicParams
}

export type TakePost = (
  post: SeenPost,
  wanted: Wanted,
) => Promise<'started' | 'known' | 'opted_out' | 'ignored'>

export function createTakePost({
  store,
  mosaics,
  blocked,
  review,
}: {
  store: ObjectStore
  mosaics: MosaicStarter
  blocked: BlockList
  review: boolean
}): TakePost {
  return async function takePost(post, { hashtag, optOutWord, params }) {
    if (post.byUs || post.isRepost) return 'ignored'
    if (post.summonsUs && says(post.text, optOutWord)) {
      const { bucket, key } = layout.optedOut(post.network, post.handle)
      await store.put(bucket, key, new Uint8Array())
      return 'opted_out'
    }
    const [photo] = post.photos
    if (!photo || !post.hashtags.includes(hashtag.toLowerCase())) return 'ignored'
    if (await blocked.against(post)) return 'ignored'
    const jobId = jobIdOf(post)
    if (await hasEnded(jobId)) return 'known'
    const { network, id, url, handle, author, summonsUs } = post
    const started = await mosaics.start({
      jobId,
      source: { url: photo.url },
      params,
      author: { ...(author && { name: author }), ...(handle && { handle }) },
      post: { network, id, url, handle, author, summonsUs },
      review,
    })
    return started ? 'started' : 'known'
  }

  /** Temporal removes a job after its retention; these objects stay. */
  async function hasEnded(jobId: string): Promise<boolean> {
    for (const { bucket, key } of [layout.mosaic.record(jobId), layout.tombstone(jobId)])
      if (await store.head(bucket, key)) return true
    return false
  }
}

/** One post, one ID, one job. */
const jobIdOf = ({ network, id }: Post) => `mosaic-${network}-${id}`

/** Matches whole words, with or without `#`. */
const says = (text: string, word: string) =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}_]+/u)
    .includes(word.toLowerCase())
