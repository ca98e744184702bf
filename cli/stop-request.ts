/** When a person or the system wants the process to stop: Ctrl-C, SIGTERM, the terminal closing, or nobody reading what we say. */

/**
 * npm passes a terminal's Ctrl-C on to us, which we have got from the terminal ourselves: two signals, one wish.
 * Only one that comes later than this many ms is a second wish.
 */
const sameWish = 500

export interface StopRequest {
  /** Resolves with the signal's name. */
  requested: Promise<NodeJS.Signals>
  /** Aborted by the same wish, for what is under way. */
  signal: AbortSignal
  dispose(): void
}

/** @param onInsist is called when the wish is repeated: stop now, whatever it costs. */
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
      // Each line that nobody reads is told of anew: `scripts/closed-output.mjs`.
    } else if (signal !== 'SIGPIPE' && now - first > sameWish) onInsist()
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
