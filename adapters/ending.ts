/**
 * A signal that aborts with any of several, or on request. Not `AbortSignal.any`: Node 20 may garbage-collect one that depends on
 * `AbortSignal.timeout`, so that it never fires (nodejs/node#54614).
 */
export interface Ending extends Disposable {
  readonly signal: AbortSignal
  end(reason?: unknown): void
}

export function endingWith(...signals: readonly AbortSignal[]): Ending {
  const controller = new AbortController()
  const follow = (event: Event) => controller.abort((event.target as AbortSignal).reason)
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason)
    else signal.addEventListener('abort', follow, { once: true })
  }
  return {
    signal: controller.signal,
    end: (reason) => controller.abort(reason),
    [Symbol.dispose]() {
      for (const signal of signals) signal.removeEventListener('abort', follow)
    },
  }
}
