/** The parts of a running mosaicme, stopped in reverse order of their start, each with a time limit. */
import { setTimeout as delay } from 'node:timers/promises'

interface Part {
  name: string
  /** Time limit, ms; then the next part is stopped anyway. */
  within: number
  stop: () => unknown
}

export class RunningParts {
  readonly #parts: Part[] = []
  #stopping: Promise<Error[]> | undefined

  add(name: string, within: number, stop: () => unknown): void {
    this.#parts.push({ name, within, stop })
  }

  /** Stops all parts, the last one first. Returns their errors; repeated calls share the same stop. */
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
