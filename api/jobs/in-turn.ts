import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../dependencies.ts'
import type { OpenJobs } from './open-jobs.ts'

/** ms. A resize takes some tens of them; whoever needs longer waits on where steps queue up, and callers take turns there too. */
const turnAtMost = 1_000

/**
 * Where this process does the resizes itself, and several callers ask, it takes in as many requests as it has cores for, callers
 * in turn, until each is answered. With all of them under way at once they would share the machine by their number: a caller
 * with twenty of them would leave little to one with two.
 */
export const inTurn =
  ({ requests, takeIn }: Pick<OpenJobs, 'requests' | 'takeIn'>): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    if (!requests) return await next()
    await takeIn(async () => {
      // Before its turn: nobody keeps one who sends slowly.
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

/** With its body at hand, or with what went wrong with it, for whoever reads it. */
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
