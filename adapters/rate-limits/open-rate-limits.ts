import type { Environment } from '../environment.ts'
import { MemoryRateLimits } from './memory.ts'
import type { RateLimits } from './rate-limits.ts'

/** Opens the rate limits, shared by all processes that share a Redis. */
export async function openRateLimits({ redisUrl }: Pick<Environment, 'redisUrl'>): Promise<RateLimits> {
  if (redisUrl === undefined) return new MemoryRateLimits()
  // Loaded on demand: it takes 100 ms.
  const { RedisRateLimits } = await import('./redis.ts')
  const limits = new RedisRateLimits(redisUrl)
  await limits.open()
  return limits
}
