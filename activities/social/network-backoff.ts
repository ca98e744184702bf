/** Backoff after a network's failure, as X asks of clients of its stream. */
import type { SocialError } from '../../adapters/social/social-error.ts'

const second = 1000
const minute = 60 * second

/**
 * Network errors: linear, 250 ms to 16 s. HTTP errors: from 5 s, doubling to 320 s. Rate limits: as long as the network says,
 * otherwise from one minute, doubling to 15 minutes, X's longest window.
 * https://docs.x.com/x-api/posts/filtered-stream/integrate/consuming-streaming-data
 *
 * @param factor for every delay that the network did not name itself
 */
export function createBackoff(factor = 1) {
  let kind = ''
  let failures = 0
  return {
    /** ms */
    after({ code, retryAfterSeconds }: SocialError): number {
      const now = kindOf(code)
      failures = now === kind ? failures + 1 : 1
      kind = now
      if (retryAfterSeconds !== undefined) return retryAfterSeconds * second
      return waits[now](failures) * factor
    },
    reset(): void {
      failures = 0
      kind = ''
    },
  }
}

const waits = {
  connection: (failures: number) => Math.min(16 * second, 250 * failures),
  refusal: (failures: number) => Math.min(320 * second, 5 * second * 2 ** (failures - 1)),
  rate: (failures: number) => Math.min(15 * minute, minute * 2 ** (failures - 1)),
}

function kindOf(code: SocialError['code']): keyof typeof waits {
  if (code === 'social_unreachable' || code === 'social_connection_lost') return 'connection'
  if (code === 'social_rate_limited' || code === 'social_too_many_connections') return 'rate'
  return 'refusal'
}
