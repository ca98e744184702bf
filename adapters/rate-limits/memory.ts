/** Rate limits counted in memory: each process counts for itself. */
import type { Rate, RateLimits } from './rate-limits.ts'

interface Bucket {
  tokens: number
  /** ms since 1970. */
  filledAt: number
}

export class MemoryRateLimits implements RateLimits {
  readonly description = 'this process'
  readonly #buckets = new Map<string, Bucket>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Names are those of configured keys, so there are as many buckets as keys. */
  async take(name: string, { requests, seconds }: Rate): Promise<number> {
    const now = this.#now()
    const { tokens, filledAt } = this.#buckets.get(name) ?? { tokens: requests, filledAt: now }
    const perToken = (seconds * 1000) / requests
    const filled = Math.min(requests, tokens + Math.max(0, now - filledAt) / perToken)
    const taken = filled >= 1 ? 1 : 0
    this.#buckets.set(name, { tokens: filled - taken, filledAt: now })
    return taken === 1 ? 0 : Math.ceil((1 - filled) * perToken)
  }

  async close(): Promise<void> {}
}
