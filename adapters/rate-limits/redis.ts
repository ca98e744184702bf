/** Rate limits counted in Redis, for all processes that share it. While it does not respond, each counts for itself. */
import type { Redis } from 'ioredis'
import { describeRedis, redisAt } from '../redis.ts'
import { MemoryRateLimits } from './memory.ts'
import type { Rate, RateLimits } from './rate-limits.ts'

/** Timeout, ms: waiting longer for the shared count is worse than not using it. */
const answerWithinMs = 500

/**
 * A bucket is a hash with the fields `tokens` and `at` (ms on Redis' clock, because the processes' clocks differ). It expires when
 * it would be full again. One script, so that concurrent calls are atomic.
 */
const take = `
local requests, ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local found = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(requests, (tonumber(found[1]) or requests) + math.max(0, now - (tonumber(found[2]) or now)) * requests / ms)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) * ms / requests) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
redis.call('PEXPIRE', KEYS[1], ms)
return wait
`

type Take = (key: string, requests: number, ms: number) => Promise<number>

export class RedisRateLimits implements RateLimits {
  readonly description: string
  readonly #redis: Redis
  readonly #here = new MemoryRateLimits()

  constructor(url: string) {
    this.description = describeRedis(url)
    this.#redis = redisAt(url, answerWithinMs)
    // Each failed command reports the error.
    this.#redis.on('error', () => {})
    this.#redis.defineCommand('takeToken', { lua: take, numberOfKeys: 1 })
  }

  /** Waits for the first connection. Without one, it counts locally and keeps trying. */
  async open(): Promise<void> {
    await this.#redis.connect().catch(() => {})
  }

  async take(name: string, rate: Rate): Promise<number> {
    const { takeToken } = this.#redis as unknown as { takeToken: Take }
    try {
      return await takeToken.call(this.#redis, `mosaicme:rate:${name}`, rate.requests, rate.seconds * 1000)
    } catch {
      // If Redis is down, neither reject everybody nor admit everybody.
      return await this.#here.take(name, rate)
    }
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
  }
}
