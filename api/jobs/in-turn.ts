import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../dependencies.ts'
import type { OpenJobs } from './open-jobs.ts'

/** Longest turn, ms. A resize takes some tens of ms. Longer waits are for queued steps, whose queues are fair to callers, too. */
const turnAtMost = 1_000

/**
 * Fairness for a process that runs the resizes itself: when several callers send requests, it admits about as many at a time as
 * it has cores, alternating between callers, and holds each slot until the response. If all ran at once, callers would share the
 * machine in proportion to their requests, and one with twenty would leave little to one with two.
 */
export const inTurn =
  ({ requests, takeIn }: Pick<OpenJobs, 'requests' | 'takeIn'>): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    if (!requests) return await next()
    await takeIn(async () => {
      // Read before the turn, so that nobody waits for a slow sender.
      c.req.raw = await received(c.req.raw)
      const end = await requests.begin(c.get('caller'))
      const timer = setTimeout(end, turnAtMost)
      c.set('endTurn', end)
      try {
        await next()
      } finally {
        clearTimeout(timer)
        end()
      }
    })
  }

/** Buffers the body. If that fails, whoever reads the body gets the error. */
async function received(request: Request): Promise<Request> {
  if (!request.body) return request
  const body = await request.arrayBuffer().catch(
    (error: unknown) =>
      new ReadableStream({
        start: (stream) => stream.error(error),
      }),
  )
  return new Request(request, { body, ...(body instanceof ReadableStream && { duplex: 'half' }) })
}
