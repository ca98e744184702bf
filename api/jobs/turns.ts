interface Caller {
  taken: number
  waiting: (() => void)[]
  /** Number of its last turn, 0 if it has had none. */
  last: number
  /** When it last held or requested a turn, on the process's clock, ms. */
  seen: number
}

/** How long a caller stays active after its last turn, ms, so that none overtakes it between a response and its next request. */
const staysFor = 1_000

/**
 * Limits concurrency fairly between callers. A free slot goes to the waiting caller that holds the fewest and, among equals, to
 * the one whose last turn is longest ago. A caller with ten times the work waits for its own work, not everybody else.
 */
export class Turns {
  readonly #atOnce: number
  readonly #alone: number
  readonly #atMost: number
  /** Callers that hold a slot, wait for one, or did so a moment ago. */
  readonly #callers = new Map<string, Caller>()
  #given = 0
  #taken = 0
  #waiting = 0

  /**
   * @param alone slots for a caller while no other is active. Default: `atOnce`
   * @param atMost total limit when other callers arrive meanwhile and get their first slots. Default: `alone`
   */
  constructor(atOnce: number, { alone = atOnce, atMost = alone }: { alone?: number; atMost?: number } = {}) {
    this.#atOnce = atOnce
    this.#alone = alone
    this.#atMost = atMost
  }

  /** Slots held and waited for. */
  get size(): number {
    return this.#taken + this.#waiting
  }

  /** Runs the work when it is the caller's turn. */
  async take<T>(caller: string, work: () => Promise<T>): Promise<T> {
    const end = await this.begin(caller)
    try {
      return await work()
    } finally {
      end()
    }
  }

  /** Waits for the caller's turn. @returns an idempotent function that ends it */
  async begin(caller: string): Promise<() => void> {
    await this.#turnOf(caller)
    let over = false
    return () => {
      if (over) return
      over = true
      this.#giveBack(caller)
    }
  }

  async #turnOf(name: string): Promise<void> {
    let caller = this.#callers.get(name)
    if (!caller) {
      caller = { taken: 0, waiting: [], last: 0, seen: 0 }
      this.#callers.set(name, caller)
    }
    const { waiting } = caller
    await new Promise<void>((begin) => {
      waiting.push(begin)
      this.#waiting++
      this.#next()
    })
  }

  #giveBack(name: string): void {
    const caller = this.#callers.get(name)!
    caller.taken--
    caller.seen = performance.now()
    this.#taken--
    this.#next()
  }

  #next(): void {
    this.#forgetInactive()
    while (this.#waiting > 0) {
      const caller = [...this.#callers.values()]
        .filter(({ waiting }) => waiting.length > 0)
        .reduce((first, other) => (goesBefore(other, first) ? other : first))
      if (this.#taken >= this.#limitOf(caller)) return
      const begin = caller.waiting.shift()!
      this.#waiting--
      this.#taken++
      caller.taken++
      caller.last = ++this.#given
      begin()
    }
  }

  #limitOf({ taken }: Caller): number {
    if (this.#callers.size === 1) return this.#alone
    // A caller's first slot does not wait for work that was started before it arrived.
    return taken === 0 ? this.#atMost : this.#atOnce
  }

  #forgetInactive(): void {
    const since = performance.now() - staysFor
    for (const [name, { taken, waiting, seen }] of this.#callers)
      if (taken === 0 && waiting.length === 0 && seen < since) this.#callers.delete(name)
  }
}

const goesBefore = (a: Caller, b: Caller) => a.taken < b.taken || (a.taken === b.taken && a.last < b.last)
