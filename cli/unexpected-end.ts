/** Parts of a running copy that end although nobody asked them to: a Temporal server that was killed, a worker that failed. */
import { Refusal } from './refusal.ts'

/** The first part to end that was not asked to. */
export class UnexpectedEnd {
  /** Rejects with a sentence; never resolves. */
  readonly happened: Promise<never>
  #report!: (error: Error) => void

  constructor() {
    this.happened = new Promise((_, reject) => {
      this.#report = reject
    })
    // Heard by whoever waits for it; until then it is no unhandled rejection.
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
