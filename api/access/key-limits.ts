/** Limits per API key: rate of requests, size of a body, open jobs. */
import type { MiddlewareHandler } from 'hono'
import { type ApiKey, fingerprintOf } from '../../adapters/environment/api-keys.ts'
import type { RateLimits } from '../../adapters/rate-limits/rate-limits.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { limitedBody } from '../input/limited-body.ts'
import { callTemporal } from '../jobs/temporal-call.ts'
import { Problem } from '../problems.ts'

/** Counts a request. @throws {Problem} `too_many_requests`, with the time until the next one is allowed */
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

/** How long a count is cached, ms. In between, this process adds the jobs that it starts itself. */
const freshMs = 1000

/** Counts with the visibility store, which is eventually consistent: the limit stops floods, it is not exact. */
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
        `This API key has ${open} open jobs, and at most ${most} are allowed. Try again later.`,
        { headers: { 'Retry-After': '5' } },
      )
    startedSince += 1
  }
}

/** Rejects bodies larger than the key's limit. */
export const keyBodyLimit = ({ limits }: Pick<ApiKey, 'limits'>): MiddlewareHandler =>
  limits.bytes === undefined
    ? async (_, next) => await next()
    : limitedBody(limits.bytes, { what: 'with this API key a body' })
