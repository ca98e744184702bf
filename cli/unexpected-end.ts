/** Parts that end unexpectedly: a killed Temporal server, a failed worker. */
import { Refusal } from './refusal.ts'

/** Reports the first part that ended unexpectedly. */
export class UnexpectedEnd {
  /** Rejects with a readable message; never resolves. */
  readonly happened: Promise<never>
  #report!: (error: Error) => void

  constructor() {
    this.happened = new Promise((_, reject) => {
      this.#report = reject
    })
    // Handled by whoever awaits it; until then the rejection must not count as unhandled.
    this.happened.catch(() => {})
  }

  watch(ending: Promise<unknown>, sentence: string): void {
    ending.then(
      () => this.#report(new Refusal('part_died', `${sentence}.`)),
      (error: Error) =>
        this.#report(new Refusal('part_died', `${sentence}: ${error.message}.`, { cause: error })),
    )
  }
}
