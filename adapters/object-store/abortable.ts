import { addAbortSignal, type Readable } from 'node:stream'

/**
 * Destroys a body when the signal aborts, with an error listener attached: the caller may be gone before anybody reads, and an
 * unhandled stream error would end the process. Readers still get the error.
 */
export function abortable(body: Readable, signal: AbortSignal | undefined): Readable {
  if (signal === undefined) return body
  body.on('error', () => undefined)
  return addAbortSignal(signal, body)
}
