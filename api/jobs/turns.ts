interface Caller {
  taken: number
  waiting: (() => void)[]
  /** When it had its last turn: the number of that turn, 0 for none yet. */
  last: number
}

/**
 * Turns of callers at work of which only so much is done at once. A turn that comes free goes to whoever has the fewest, and
 * among those to the one whose last turn is longest ago: a caller with ten times the work waits for it, not everybody else.
 */
export class Turns {
  readonly #atOnce: number
  /** Who has a turn or waits for one. */
  readonly #callers = new Map<string, Caller>()
  #given = 0
  #taken = 0
  #waiting = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
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
      caller = { taken: 0, waiting: [], last: 0 }
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
    this.#taken--
    if (caller.taken === 0 && caller.waiting.length === 0) this.#callers.delete(name)
    this.#next()
  }

  #next(): void {
    if (this.#taken >= this.#atOnce || this.#waiting === 0) return
    const caller = [...this.#callers.values()]
      .filter(({ waiting }) => waiting.length > 0)
      .reduce((first, other) => (goesBefore(other, first) ? other : first))
    const begin = caller.waiting.shift()!
    this.#waiting--
    this.#taken++
    caller.taken++
    caller.last = ++this.#given
    begin()
  }
}

const goesBefore = (a: Caller, b: Caller) => a.taken < b.taken || (a.taken === b.taken && a.last < b.last)
