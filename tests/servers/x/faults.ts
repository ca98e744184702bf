/** Faults of calls: on demand, or at random from a seed. */

export interface Fault {
  /** Prefix of `METHOD /path`, such as `POST /2/tweets`; `*` for any call. */
  on: string
  /**
   * `refused`: responds with `status`, without effect. `lost`: carried out, but the connection is cut before the response.
   * `unheard`: the connection is cut before any effect. `busy`: 503 although it was carried out.
   */
  kind: 'refused' | 'lost' | 'unheard' | 'busy'
  /** Default 1. */
  times?: number
  status?: number
  /** Seconds from now for `x-rate-limit-reset` on a 429, `retry-after` on a 503. Default 1. */
  after?: number
  detail?: string
}

export class Faults {
  #queued: (Fault & { times: number })[] = []
  #random: (() => number) | undefined
  #rate = 0

  add(fault: Fault): void {
    this.#queued.push({ ...fault, times: fault.times ?? 1 })
  }

  /** Probability of a failure for each call; 0 ends it. */
  atRandom(seed: number, rate: number): void {
    this.#random = rate > 0 ? mulberry32(seed) : undefined
    this.#rate = rate
  }

  clear(): void {
    this.#queued = []
    this.#random = undefined
  }

  next(call: string): Fault | undefined {
    const queued = this.#queued.find(({ on }) => on === '*' || call.startsWith(on))
    if (queued) {
      queued.times--
      if (queued.times <= 0) this.#queued.splice(this.#queued.indexOf(queued), 1)
      return queued
    }
    if (!this.#random || this.#random() >= this.#rate) return undefined
    const kinds: Omit<Fault, 'on'>[] = [
      ...[401, 402, 403, 429, 503].map((status) => ({ kind: 'refused' as const, status })),
      { kind: 'lost' },
      { kind: 'lost' },
      { kind: 'unheard' },
      { kind: 'busy', status: 503 },
    ]
    return { on: '*', ...kinds[Math.floor(this.#random() * kinds.length)]! }
  }
}

/** Tommy Ettinger's generator, with 32 bits of state. */
export function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
