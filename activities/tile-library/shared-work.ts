/** Work that several wait for: done once, given up only when nobody waits any more. */
export class SharedWork<T> {
  readonly #result: Promise<T>
  readonly #stop = new AbortController()
  #waiting = 0
  #done = false

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#stop.signal).finally(() => {
      this.#done = true
    })
    // Those who wait hear of a failure; that nobody waits any more is none.
    this.#result.catch(() => {})
  }

  /** Whether one can still join: it is neither done nor given up. */
  get open(): boolean {
    return !this.#done && !this.#stop.signal.aborted
  }

  /** @throws what the work throws; `signal.reason` */
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
