/** The review queue: pictures waiting for a moderator. Kept in the store, so that it outlives all processes. */
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import * as layout from '../object-store/layout.ts'
import { ObjectExists, ObjectNotFound, type ObjectStore } from '../object-store/object-store.ts'

const reviewItem = z.object({
  id: z.string(),
  /** `tile`: a photo for a library. `mosaic`: an unpublished mosaic made for a post. */
  kind: z.enum(['tile', 'mosaic']),
  /** Waiting since, RFC 3339. */
  at: z.string(),
  /** `etag`: of a mosaic, which may be planned again while it waits. A decision is about the picture with this tag only. */
  picture: z.object({
    bucket: z.enum(['in', 'raw', 'large', 'small']),
    key: z.string(),
    etag: z.string().exactOptional(),
  }),
  contentType: z.string().optional(),
  /** Of a tile: its destination, and how a person recognises the photo. */
  library: z.string().optional(),
  name: z.string().optional(),
  author: z
    .object({ name: z.string().optional(), handle: z.string().optional(), url: z.string().optional() })
    .optional(),
  /** Of a mosaic: the post that asked for it. */
  postUrl: z.string().optional(),
})

export type ReviewItem = z.infer<typeof reviewItem>
export type Verdict = 'approved' | 'rejected'

export interface ReviewQueue {
  /** Idempotent: the time of the first call is kept. Another picture of the same mosaic replaces the earlier one. */
  ask(item: ReviewItem): Promise<void>
  get(id: string): Promise<ReviewItem | undefined>
  page(options: {
    limit: number
    after?: string | undefined
  }): Promise<{ items: ReviewItem[]; next?: string }>
  /** Removes it from the queue. */
  remove(id: string): Promise<void>
  /** The decision about a photo. */
  verdict(id: string): Promise<Verdict | undefined>
  settle(id: string, verdict: Verdict): Promise<void>
}

export function openReviewQueue(store: ObjectStore): ReviewQueue {
  async function read(place: layout.Place): Promise<unknown> {
    try {
      return JSON.parse((await buffer((await store.get(place.bucket, place.key)).body)).toString())
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }

  return {
    async ask(item) {
      const { bucket, key } = layout.moderation.waiting(item.id)
      const body = Buffer.from(JSON.stringify(item))
      const contentType = 'application/json'
      await store.put(bucket, key, body, { contentType, mode: 'create' }).catch(async (error: unknown) => {
        if (!(error instanceof ObjectExists)) throw error
        const earlier = await this.get(item.id)
        if (earlier?.picture.etag === item.picture.etag) return
        await store.put(bucket, key, body, { contentType })
      })
    },

    async get(id) {
      const found = await read(layout.moderation.waiting(id))
      return found === undefined ? undefined : reviewItem.parse(found)
    },

    async page({ limit, after }) {
      const { bucket, key: prefix } = layout.moderation.waitingPrefix
      const { objects, next } = await store.list(bucket, {
        ...{ prefix, limit },
        ...(after !== undefined && { after: `${prefix}${after}.json` }),
      })
      // Decided between listing and reading.
      const found = await Promise.all(objects.map(({ key }) => read({ bucket, key })))
      const items = found.flatMap((one) => (one === undefined ? [] : reviewItem.parse(one)))
      const last = objects.at(-1)?.key.slice(prefix.length, -'.json'.length)
      return { items, ...(next !== undefined && last !== undefined && { next: last }) }
    },

    async remove(id) {
      const { bucket, key } = layout.moderation.waiting(id)
      await store.delete(bucket, key)
    },

    async verdict(id) {
      const found = await read(layout.moderation.settled(id))
      return found === undefined
        ? undefined
        : z.object({ verdict: z.enum(['approved', 'rejected']) }).parse(found).verdict
    },

    async settle(id, verdict) {
      const { bucket, key } = layout.moderation.settled(id)
      await store.put(bucket, key, Buffer.from(JSON.stringify({ verdict })), {
        contentType: 'application/json',
      })
    },
  }
}
