/** The gallery cache in Redis: shared by every process. Its keys are described in redis-scripts.ts. */
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { describeRedis, redisAt } from '../redis.ts'
import type { GalleryCache, GalleryEntry, GalleryPage } from './gallery-cache.ts'
import { GalleryCacheError } from './gallery-cache-error.ts'
import { checkLimit, cursorOf, placeBehind, placeOf } from './order.ts'
import { asPerson } from './persons.ts'
import * as scripts from './redis-scripts.ts'

/** Timeout of a command: the gallery then reports the failure, or reads the store, instead of hanging. */
const answerWithinMs = 3_000
/** Expiry of a replacement whose process died. */
const replacementSeconds = 600
const entriesPerStage = 500

type Answer = string | number | null | (string | number)[]
type Script = (...args: (string | number)[]) => Promise<Answer>

export class RedisGalleryCache implements GalleryCache {
  readonly description: string
  readonly #redis: Redis
  readonly #scripts: Record<keyof typeof scripts, Script>
  /** Why there is currently no connection. */
  #trouble: Error | undefined

  constructor(url: string) {
    this.description = describeRedis(url)
    const redis = redisAt(url, answerWithinMs)
    redis.on('error', (error: Error) => {
      this.#trouble = error
    })
    redis.on('ready', () => {
      this.#trouble = undefined
    })
    this.#redis = redis
    this.#scripts = Object.fromEntries(
      Object.entries(scripts).map(([name, lua]) => {
        // Prefixed, because `get` is already a command.
        redis.defineCommand(`gallery-${name}`, { lua, numberOfKeys: 0 })
        return [name, (redis as unknown as Record<string, Script>)[`gallery-${name}`]!.bind(redis)]
      }),
    ) as Record<keyof typeof scripts, Script>
  }

  async open(): Promise<void> {
    // The connection's own timeout does not cover a server that accepts connections but does not respond.
    const late = AbortSignal.timeout(2 * answerWithinMs)
    const timeout = new Promise<never>((_, reject) =>
      late.addEventListener('abort', () => reject(new Error('no answer in time'))),
    )
    try {
      await Promise.race([this.#redis.connect(), timeout])
      await this.#redis.ping()
    } catch (error) {
      const reason = this.#unavailable(error)
      this.#redis.disconnect()
      throw reason
    }
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
  }

  async put(entry: GalleryEntry): Promise<void> {
    const { id, score } = placeOf(entry)
    await this.#ask(() => this.#scripts.put(id, score, JSON.stringify(entry)))
  }

  async remove(id: string): Promise<void> {
    await this.#ask(() => this.#scripts.remove(id))
  }

  async get(id: string): Promise<GalleryEntry | undefined> {
    const json = await this.#ask(() => this.#scripts.get(id))
    return typeof json === 'string' ? JSON.parse(json) : undefined
  }

  async page({ limit, after, by }: { limit: number; after?: string; by?: string }): Promise<GalleryPage> {
    checkLimit(limit)
    const behind = after === undefined ? undefined : placeBehind(after)
    const start = behind === undefined ? [] : [behind.score, behind.id]
    const person = by === undefined ? '' : asPerson(by)
    const nobody = by !== undefined && person === ''
    if (nobody) return { entries: [], total: 0 }
    const answer = await this.#ask(() => this.#scripts.page(limit, person, ...start))
    const [total, last, score, more, ...entries] = answer as (string | number)[]
    const page: GalleryPage = {
      entries: entries.map((json) => JSON.parse(String(json))),
      total: Number(total),
    }
    if (more === 1) page.next = cursorOf({ score: Number(score), id: String(last) })
    return page
  }

  async replaceAll(entries: Iterable<GalleryEntry> | AsyncIterable<GalleryEntry>): Promise<number> {
    const token = randomUUID()
    await this.#ask(() => this.#scripts.begin(token, replacementSeconds))
    try {
      let batch: (string | number)[] = []
      const stage = async () => {
        const alive = await this.#ask(() => this.#scripts.stage(token, replacementSeconds, ...batch))
        if (alive !== 1) throw this.#unavailable(new Error('the cache was flushed while it was being filled'))
        batch = []
      }
      for await (const entry of entries) {
        const { id, score } = placeOf(entry)
        batch.push(id, score, JSON.stringify(entry))
        if (batch.length >= 3 * entriesPerStage) await stage()
      }
      await stage()
      const count = await this.#ask(() => this.#scripts.commit(token))
      if (count === -1) throw this.#unavailable(new Error('the cache was flushed while it was being filled'))
      return Number(count)
    } catch (error) {
      // If this fails too, the leftovers expire by themselves.
      await this.#scripts.giveUp(token).catch(() => undefined)
      throw error
    }
  }

  async isWarm(): Promise<boolean> {
    return (await this.#ask(() => this.#redis.exists('mosaics:warm', 'mosaic:all'))) === 2
  }

  async #ask(call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await call()
    } catch (error) {
      throw this.#unavailable(error)
    }
  }

  #unavailable(error: unknown): GalleryCacheError {
    const reason = this.#trouble ?? (error as Error)
    return new GalleryCacheError(
      'cache_unavailable',
      `expected an answer from ${this.description}, got ${reason.message}`,
      error,
    )
  }
}
