import type { Readable } from 'node:stream'

/** Chunk size for byte arrays; streams have chunks of their own. */
const sliceBytes = 1024 * 1024

/**
 * Yields a body chunk by chunk. Throws the signal's reason as soon as it aborts, even if the underlying stream stalls. Destroys
 * the stream when reading ends, in whatever way.
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
  const chunks: AsyncIterator<Uint8Array | string> = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await unlessAborted(chunks.next(), signal)
      if (done) return
      yield typeof value === 'string' ? Buffer.from(value) : value
    }
  } finally {
    body.destroy()
  }
}

/** Reads it into memory. `buffer` of node:stream/consumers goes through a Blob: two copies, and half a millisecond of CPU. */
export async function wholeBody(body: Readable): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
}

/** Not `Promise.race` with one long-lived promise, which would keep every chunk in memory. */
function unlessAborted<T>(piece: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return piece
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    piece.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
