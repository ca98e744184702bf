/** Requests to stop the process: Ctrl-C, SIGTERM, the terminal closing, or nobody reading our output. */

/**
 * npm forwards a terminal's Ctrl-C, which the terminal has sent to us, too: two signals for one request. Only a signal more than
 * this many ms later counts as a second request.
 */
const sameRequestMs = 500

export interface StopRequest {
  /** Resolves with the signal's name. */
  requested: Promise<NodeJS.Signals>
  /** Aborted by the same request, for work in progress. */
  signal: AbortSignal
  dispose(): void
}

/** @param onInsist called when the request is repeated: stop immediately, whatever the cost */
export function awaitStopRequest(onInsist: () => void): StopRequest {
  let resolve: (signal: NodeJS.Signals) => void
  const requested = new Promise<NodeJS.Signals>((settle) => {
    resolve = settle
  })
  const aborting = new AbortController()
  let first = 0
  const heard = (signal: NodeJS.Signals) => {
    const now = performance.now()
    if (first === 0) {
      first = now
      resolve(signal)
      aborting.abort(new Error(`stopped by ${signal}`))
      // SIGPIPE repeats with every line that nobody reads: `scripts/closed-output.mjs`.
    } else if (signal !== 'SIGPIPE' && now - first > sameRequestMs) onInsist()
  }
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE']
  for (const signal of signals) process.on(signal, heard)
  return {
    requested,
    signal: aborting.signal,
    dispose() {
      for (const signal of signals) process.removeListener(signal, heard)
    },
  }
}
