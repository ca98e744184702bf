/** Work that several callers wait for: done once, and aborted only when nobody waits any more. */
export class SharedWork<T> {
  readonly #result: Promise<T>
  readonly #stop = new AbortController()
  #waiting = 0
  #done = false

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#stop.signal).finally(() => {
      this.#done = true
    })
    // Waiting callers see a failure; without any, the rejection must not count as unhandled.
    this.#result.catch(() => {})
  }

  /** Whether callers can still join: it is neither done nor aborted. */
  get open(): boolean {
    return !this.#done && !this.#stop.signal.aborted
  }

  /** @throws what the work throws; `signal.reason` if the caller leaves */
  async wait(signal?: AbortSignal): Promise<T> {
    this.#waiting++
    let leave = (): void => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal?.reason)
    })
    signal?.addEventListener('abort', leave, { once: true })
    try {
      signal?.throwIfAborted()
      return await Promise.race([this.#result, left])
    } finally {
      signal?.removeEventListener('abort', leave)
      if (--this.#waiting === 0 && !this.#done) this.#stop.abort(signal?.reason)
    }
  }
}
