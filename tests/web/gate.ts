import { once } from 'node:events'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'

/** Holds work at a place of one's choice, so that a test sees it in progress without hoping for the right moment. */
export class Gate {
  #opened: Promise<void> = Promise.resolve()
  #open: () => void = () => {}
  #failures = 0
  #at = '/plan.json'

  /** Nothing gets past it from now on. @param at end of the key that nothing is put under */
  close(at = '/plan.json'): void {
    this.#at = at
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  /** The next ones fail as a store does that is away for a moment. */
  fail(times: number): void {
    this.#failures = times
  }

  open(): void {
    this.#open()
  }

  /** The same store, its puts by way of the gate. */
  before(store: ObjectStore): ObjectStore {
    const put = store.put.bind(store)
    store.put = async (bucket, key, body, options) => {
      await this.#pass(key, options?.signal)
      return await put(bucket, key, body, options)
    }
    return store
  }

  /** As a store does that is cut off: ends at once when the work is called off. */
  async #pass(key: string, signal?: AbortSignal): Promise<void> {
    if (!key.endsWith(this.#at)) return
    const calledOff = signal && once(signal, 'abort').then(() => signal.throwIfAborted())
    if (this.#failures-- > 0) throw new Error('the store is away')
    await Promise.race([this.#opened, ...(calledOff ? [calledOff] : [])])
  }
}
