import type { Environment } from '../environment.ts'
import { MemoryRateLimits } from './memory.ts'
import type { RateLimits } from './rate-limits.ts'

/** Shared by all processes where they share a Redis. */
export async function openRateLimits({ redisUrl }: Pick<Environment, 'redisUrl'>): Promise<RateLimits> {
  if (redisUrl === undefined) return new MemoryRateLimits()
  // Loaded only where it is used: 100 ms.
  const { RedisRateLimits } = await import('./redis.ts')
  const limits = new RedisRateLimits(redisUrl)
  await limits.open()
  return limits
}
