/** How much one key may ask for: requests within a time, bytes of one, jobs that are open. */
import type { MiddlewareHandler } from 'hono'
import { type ApiKey, fingerprintOf } from '../../adapters/environment/api-keys.ts'
import type { RateLimits } from '../../adapters/rate-limits/rate-limits.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { limitedBody } from '../input/limited-body.ts'
import { callTemporal } from '../jobs/temporal-call.ts'
import { Problem } from '../problems.ts'

/** Counts a request. @throws {Problem} `too_many_requests`, saying when there is the next one */
export async function takeToken(rates: RateLimits, { digest, limits }: ApiKey): Promise<void> {
  if (!limits.rate) return
  const wait = await rates.take(fingerprintOf(digest), limits.rate)
  if (wait === 0) return
  const { requests, seconds } = limits.rate
  throw new Problem(
    'too_many_requests',
    `Expected at most ${requests} requests within ${seconds} s with this API key.`,
    { headers: { 'Retry-After': String(Math.ceil(wait / 1000)) } },
  )
}

/** How long a count is good for, ms. In between, this process counts what it starts itself. */
const freshMs = 1000

/** Counted by visibility, which lags by a moment: a limit for floods, not an exact one. */
export function createTenantJobs({ client }: Pick<ApiDependencies, 'client'>, tenant: string, most: number) {
  let counted: Promise<number> | undefined
  let countedAt = 0
  let startedSince = 0
  return async function admit(): Promise<void> {
    if (counted === undefined || Date.now() - countedAt > freshMs) {
      countedAt = Date.now()
      startedSince = 0
      const query = `JobCaller = '${tenant}' AND WorkflowType IN ('mosaic', 'resize', 'tiles', 'bulk') AND ExecutionStatus = 'Running'`
      counted = callTemporal(client, async () => (await client.workflow.count(query)).count)
      counted.catch(() => {
        counted = undefined
      })
    }
    const open = (await counted) + startedSince
    if (open >= most)
      throw new Problem(
        'too_many_jobs',
        `${open} jobs of this API key are open, at most ${most} may be. Try again later.`,
        { headers: { 'Retry-After': '5' } },
      )
    startedSince += 1
  }
}

/** Refuses a larger body than its key may send. */
export const keyBodyLimit: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const { bodyBytes } = c.get('tenant')
  if (bodyBytes === undefined) return await next()
  return await limitedBody(bodyBytes, { what: 'with this API key a body' })(c, next)
}
