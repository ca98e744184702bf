/**
 * The answer book: records each reply to a post before it is sent. Networks offer no idempotency key, so this record is what
 * keeps a reply from going out twice: an attempt that finds an earlier one recorded must find out what became of it.
 */
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectExists, ObjectNotFound, type ObjectStore } from '../../adapters/object-store/object-store.ts'
import type { Post, Publication } from '../../adapters/social/social-network.ts'

const answer = z.object({ url: z.string(), jobId: z.string() })
const attempt = z.object({ jobId: z.string(), at: z.number() })

type PostOf = Pick<Post, 'network' | 'id'>

export interface Try {
  /** From 1. */
  n: number
  /** ms since 1970. */
  at: number
}

export function openAnswerBook(store: ObjectStore) {
  async function read(place: { bucket: 'in'; key: string }): Promise<unknown> {
    try {
      const { body } = await store.get(place.bucket, place.key)
      return JSON.parse((await buffer(body)).toString())
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }

  async function create(
    { bucket, key }: ReturnType<typeof layout.answer.out>,
    value: object,
  ): Promise<boolean> {
    try {
      await store.put(bucket, key, Buffer.from(JSON.stringify(value)), {
        contentType: 'application/json',
        mode: 'create',
      })
      return true
    } catch (error) {
      if (error instanceof ObjectExists) return false
      throw error
    }
  }

  return {
    /** The reply, if it is known to be published. */
    async out({ network, id }: PostOf) {
      const found = await read(layout.answer.out(network, id) as { bucket: 'in'; key: string })
      return found === undefined ? undefined : answer.parse(found)
    },

    async noteOut({ network, id }: PostOf, { url, jobId }: { url: string; jobId: string }): Promise<void> {
      await create(layout.answer.out(network, id), { url, jobId })
    },

    /** The latest attempt not known to have failed. */
    async lastTry({ network, id }: PostOf): Promise<Try | undefined> {
      const { bucket, key } = layout.answer.tries(network, id)
      const { objects } = await store.list(bucket, { prefix: key })
      const last = objects.map((object) => object.key).findLast((name) => name.endsWith('.try'))
      if (last === undefined) return undefined
      const found = await read({ bucket: 'in', key: last })
      if (found === undefined) return undefined
      return { n: Number.parseInt(last.slice(key.length), 10), at: attempt.parse(found).at }
    },

    /** @returns false if another attempt with this number has begun */
    async begin({ network, id }: PostOf, n: number, jobId: string): Promise<boolean> {
      return await create(layout.answer.try(network, id, n), { jobId, at: Date.now() })
    },

    /** The network confirmed that nothing was posted. */
    async noteFailed({ network, id }: PostOf, n: number): Promise<void> {
      const { bucket, key } = layout.answer.try(network, id, n)
      await store.delete(bucket, key)
    },

    async noteDecision(jobId: string, publication: Publication): Promise<void> {
      const { bucket, key } = layout.answer.decided(jobId)
      await store.put(bucket, key, Buffer.from(JSON.stringify(publication)), {
        contentType: 'application/json',
      })
    },

    async wantsNone({ network, handle }: Pick<Post, 'network' | 'handle'>): Promise<boolean> {
      if (handle === '') return false
      const { bucket, key } = layout.optedOut(network, handle)
      return (await store.head(bucket, key)) !== undefined
    },
  }
}
