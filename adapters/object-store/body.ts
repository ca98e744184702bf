import type { Readable } from 'node:stream'

/** Of an array of bytes; streams come in pieces of their own. */
const sliceBytes = 1024 * 1024

/**
 * A body piece by piece. Ends in the signal's reason as soon as it is aborted, even when the stream behind it
 * stalls and never answers again. The stream is destroyed when the reading ends, however it ends.
 */
export async function* chunksOf(
  body: Uint8Array | Readable,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted()
  if (body instanceof Uint8Array) {
    for (let at = 0; at < body.length; at += sliceBytes) yield body.subarray(at, at + sliceBytes)
    return
  }
  let abort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal?.reason)
  })
  // Nobody listens between two pieces.
  aborted.catch(() => undefined)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    const chunks: AsyncIterator<Uint8Array | string> = body[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await Promise.race([chunks.next(), aborted])
      if (done) return
      yield typeof value === 'string' ? Buffer.from(value) : value
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    body.destroy()
  }
}
