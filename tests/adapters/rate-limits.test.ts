import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { MemoryRateLimits } from '../../adapters/rate-limits/memory.ts'
import { openRateLimits } from '../../adapters/rate-limits/open-rate-limits.ts'
import type { RateLimits } from '../../adapters/rate-limits/rate-limits.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis?.stop())

const few = { requests: 3, seconds: 3_600 }
const takes = async (limits: RateLimits, name: string, count: number, rate = few) =>
  await Promise.all(Array.from({ length: count }, () => limits.take(name, rate)))

describe.each([
  ['this process', async () => new MemoryRateLimits()],
  ['Redis', () => openRateLimits({ redisUrl: redis.url })],
])('rate limits in %s', (_, open) => {
  let limits: RateLimits
  beforeAll(async () => {
    limits = await open()
  })
  afterAll(() => limits?.close())

  it('admit as many as configured, even concurrently, and tell the others when to retry', async () => {
    const waits = (await takes(limits, 'ada', 5)).sort((a, b) => a - b)
    expect(waits.slice(0, 3)).toEqual([0, 0, 0])
    // A token every 20 minutes; a rejection takes none.
    for (const wait of waits.slice(3)) expect(wait / 60_000).toBeCloseTo(20, 0)
  })

  it('count each name separately', async () => {
    await takes(limits, 'bob', 3)
    expect(await limits.take('bob', few)).toBeGreaterThan(0)
    expect(await limits.take('eve', few)).toBe(0)
  })

  it('refill at a constant rate, in fractions', async () => {
    const quick = { requests: 2, seconds: 1 }
    await takes(limits, 'kim', 2, quick)
    const wait = await limits.take('kim', quick)
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(500)
    await expect.poll(() => limits.take('kim', quick), { interval: 50 }).toBe(0)
  })
})

describe('rate limits in Redis', () => {
  it('are shared by all processes', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => openRateLimits({ redisUrl: redis.url })))
    await takes(one!, 'shared', 2)
    expect(await other!.take('shared', few)).toBe(0)
    expect(await one!.take('shared', few)).toBeGreaterThan(0)
    await Promise.all([one!.close(), other!.close()])
  })

  it('continue in this process while it is down', async () => {
    const fleeting = await startRedis()
    const limits = await openRateLimits({ redisUrl: fleeting.url })
    expect(await limits.take('joe', few)).toBe(0)
    await fleeting.stop('SIGKILL')
    const waits = await takes(limits, 'joe', 4)
    expect(waits.filter((wait) => wait === 0)).toHaveLength(3)
    await limits.close()
  })

  it('are selected by REDIS_URL, and do not reveal the password', async () => {
    const redisUrl = redis.url.replace('//', '//:hush-hush@')
    const limits = await openRateLimits(loadEnvironment({ REDIS_URL: redisUrl }))
    expect(limits.description).toBe(`Redis at 127.0.0.1:${redis.port}`)
    await limits.close()
    expect((await openRateLimits(loadEnvironment({}))).description).toBe('this process')
  })
})
