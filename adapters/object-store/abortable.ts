import { addAbortSignal, type Readable } from 'node:stream'

/**
 * Ends a body when the signal says so. Whoever asked for it may be gone before anybody reads: the error of a stream
 * without a listener would end the process. Readers hear of it all the same.
 */
export function abortable(body: Readable, signal: AbortSignal | undefined): Readable {
  if (signal === undefined) return body
  body.on('error', () => undefined)
  return addAbortSignal(signal, body)
}
