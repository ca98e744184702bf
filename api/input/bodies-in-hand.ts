/** How many bytes of bodies are in memory at once, over all requests. */
import type { MiddlewareHandler } from 'hono'
import { isRead } from '../access/scopes.ts'
import type { ApiEnv } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { lengthOf } from './limited-body.ts'

/** Bytes of a body that costs little more than its connection. A job can be canceled whatever else comes in. */
const small = 16 * 1024

/**
 * Each body has a limit of its own (`limited-body.ts`), but is in memory as a whole until it is answered: what is no picture must not
 * get into the store. Many at once would take all memory, so those that no longer fit are told to come back.
 *
 * What has come is counted, not what was announced: who announces much and sends nothing keeps nobody away. One body
 * alone is let in whatever its size.
 *
 * @param atMost bytes
 */
export function bodiesInHand(atMost: number): MiddlewareHandler<ApiEnv> {
  let inHand = 0

  return async (c, next) => {
    const announced = lengthOf(c)
    if (isRead(c.req.method) || (announced ?? small + 1) <= small) return await next()
    const { body } = c.req.raw
    if (!body) return await next()
    let own = 0
    let answered = false
    let refusal: Problem | undefined
    const fits = (bytes: number) => inHand === own || inHand + bytes <= atMost
    if (!fits(announced ?? 0)) throw tooMuch(atMost)

    const take = (bytes: number) => {
      if (answered) return
      if (!fits(bytes)) {
        refusal = tooMuch(atMost)
        throw refusal
      }
      own += bytes
      inHand += bytes
    }
    c.req.raw = new Request(c.req.raw, { body: counted(body, take), ...{ duplex: 'half' } })
    try {
      await next()
    } finally {
      answered = true
      inHand -= own
    }
    // Whoever read it says that it is no JSON, or no form.
    if (refusal) throw refusal
  }
}

/** Nothing is asked of it before somebody reads. Not cancelled where nobody reads to the end: that would cut the connection before the answer. */
function counted(body: ReadableStream<Uint8Array>, take: (bytes: number) => void) {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(stream) {
        const { done, value } = await reader.read()
        if (done) return stream.close()
        take(value.byteLength)
        stream.enqueue(value)
      },
    },
    { highWaterMark: 0 },
  )
}

const tooMuch = (atMost: number) =>
  new Problem(
    'overloaded',
    `Requests with bodies of ${atMost} bytes together are being received or worked on. Try again in a moment.`,
    { headers: { 'Retry-After': '1' } },
  )
