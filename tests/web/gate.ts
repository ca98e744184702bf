import { once } from 'node:events'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'

/** Stops work at a chosen point, so that tests can observe it in progress without relying on timing. */
export class Gate {
  #opened: Promise<void> = Promise.resolve()
  #open: () => void = () => {}
  #failures = 0
  #at = '/plan.json'

  /** Blocks puts from now on. @param at suffix of the blocked keys */
  close(at = '/plan.json'): void {
    this.#at = at
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  /** The next puts fail like those of a store that is briefly down. */
  fail(times: number): void {
    this.#failures = times
  }

  open(): void {
    this.#open()
  }

  /** The same store with puts through the gate. */
  before(store: ObjectStore): ObjectStore {
    const put = store.put.bind(store)
    store.put = async (bucket, key, body, options) => {
      await this.#pass(key, options?.signal)
      return await put(bucket, key, body, options)
    }
    return store
  }

  /** Like a disconnected store: ends at once when aborted. */
  async #pass(key: string, signal?: AbortSignal): Promise<void> {
    if (!key.endsWith(this.#at)) return
    const calledOff = signal && once(signal, 'abort').then(() => signal.throwIfAborted())
    if (this.#failures-- > 0) throw new Error('the store is away')
    await Promise.race([this.#opened, ...(calledOff ? [calledOff] : [])])
  }
}
