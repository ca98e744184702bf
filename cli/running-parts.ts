/** The parts of a running copy, ended in the opposite order of their start, each in its time. */
import { setTimeout as delay } from 'node:timers/promises'

interface Part {
  name: string
  /** ms after which the next part is ended nevertheless. */
  within: number
  stop: () => unknown
}

export class RunningParts {
  readonly #parts: Part[] = []
  #stopping: Promise<Error[]> | undefined

  add(name: string, within: number, stop: () => unknown): void {
    this.#parts.push({ name, within, stop })
  }

  /** Ends them all, last started first. Returns what went wrong on the way; a repeat waits for the same end. */
  stop(): Promise<Error[]> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<Error[]> {
    const problems: Error[] = []
    for (let part = this.#parts.pop(); part; part = this.#parts.pop()) {
      const { name, within } = part
      const late = delay(within, undefined, { ref: false }).then(() => {
        throw new Error(`${name} did not stop within ${within / 1000} s`)
      })
      try {
        await Promise.race([Promise.resolve().then(part.stop), late])
      } catch (error) {
        problems.push(error instanceof Error ? error : new Error(String(error)))
      }
    }
    return problems
  }
}
