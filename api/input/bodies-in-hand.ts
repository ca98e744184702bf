/** Limits the total size of request bodies in memory. */
import type { MiddlewareHandler } from 'hono'
import { isRead } from '../access/scopes.ts'
import type { ApiEnv } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { lengthOf } from './limited-body.ts'

/** Bytes. Bodies this small are always accepted, so that a job can be cancelled under any load. */
const small = 16 * 1024

/**
 * Each body has its own limit (`limited-body.ts`) but stays in memory until the response, because only valid pictures may get
 * into the store. Many at once would take all memory, so requests that do not fit are rejected with 429.
 *
 * Counts the bytes received, not those announced: a client that announces much and sends nothing keeps nobody out. A single body
 * is accepted whatever its size.
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
    // The reader reports that it is not JSON, or not a form.
    if (refusal) throw refusal
  }
}

/** Reads from the body only on demand. Never cancels it, which would close the connection before the response. */
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
