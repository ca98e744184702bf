interface Caller {
  taken: number
  waiting: (() => void)[]
  /** When it had its last turn: the number of that turn, 0 for none yet. */
  last: number
  /** When it last had or wanted a turn, ms of the process. */
  seen: number
}

/** ms for which a caller still counts as there: between an answer and its next question nobody overtakes it. */
const staysFor = 1_000

/**
 * Turns of callers at work of which only so much is done at once. A turn that comes free goes to whoever has the fewest, and
 * among those to the one whose last turn is longest ago: a caller with ten times the work waits for it, not everybody else.
 */
export class Turns {
  readonly #atOnce: number
  readonly #alone: number
  readonly #atMost: number
  /** Who has a turn, waits for one, or did a moment ago. */
  readonly #callers = new Map<string, Caller>()
  #given = 0
  #taken = 0
  #waiting = 0

  /**
   * @param alone how much a caller may do at once while nobody else is there. Default: no more than `atOnce`
   * @param atMost what may be under way together with the first turns of those who come meanwhile. Default: `alone`
   */
  constructor(atOnce: number, { alone = atOnce, atMost = alone }: { alone?: number; atMost?: number } = {}) {
    this.#atOnce = atOnce
    this.#alone = alone
    this.#atMost = atMost
  }

  /** Turns taken and waited for. */
  get size(): number {
    return this.#taken + this.#waiting
  }

  /** Does the work when it is the caller's turn. */
  async take<T>(caller: string, work: () => Promise<T>): Promise<T> {
    const end = await this.begin(caller)
    try {
      return await work()
    } finally {
      end()
    }
  }

  /** Waits for the caller's turn. @returns what ends it; once it has, it does nothing */
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
    this.#forgetWhoLeft()
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
    // Whoever has none yet does not wait until what was begun before it came is done.
    return taken === 0 ? this.#atMost : this.#atOnce
  }

  #forgetWhoLeft(): void {
    const since = performance.now() - staysFor
    for (const [name, { taken, waiting, seen }] of this.#callers)
      if (taken === 0 && waiting.length === 0 && seen < since) this.#callers.delete(name)
  }
}

const goesBefore = (a: Caller, b: Caller) => a.taken < b.taken || (a.taken === b.taken && a.last < b.last)
