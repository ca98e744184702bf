/** Follows jobs for their watchers: one poller per job, however many clients watch it. */
import type { Job } from '../schemas/job.ts'

/** Polling interval of a watched job, ms. A poll is one call of about 2 ms to Temporal, and none to a worker. */
const intervalMs = 400

export interface JobEvent {
  /** Identifies the state: equal states have equal IDs, in every process and after every restart. */
  id: string
  job: Job
}

export const isFinal = (job: Job) =>
  job.status === 'succeeded' || job.status === 'failed' || job.status === 'canceled'

export interface JobEvents {
  /**
   * The job's states, from the current one to the final one, each as it changes. Also ends when `signal` aborts. `site` is the
   * base URL of the links in the job.
   */
  follow(id: string, site: string, signal: AbortSignal): AsyncGenerator<JobEvent>
  /** Number of jobs watched now. */
  readonly watched: number
}

/**
 * @param find returns the current state; an error ends the streams of all who watch the job
 * @param intervalMilliseconds for tests
 */
export function createJobEvents(
  find: (id: string, site: string) => Promise<JobEvent>,
  intervalMilliseconds = intervalMs,
): JobEvents {
  const watches = new Map<string, Watch>()

  return {
    get watched() {
      return watches.size
    },
    async *follow(id, site, signal) {
      const watch = watches.get(`${site} ${id}`) ?? startWatch(id, site)
      const gone = aborted(signal)
      watch.watchers += 1
      try {
        let seen: JobEvent | undefined
        while (!signal.aborted) {
          const event = watch.latest
          if (event !== undefined && event.id !== seen?.id) {
            seen = event
            yield event
            if (isFinal(event.job)) return
            continue
          }
          if (watch.error !== undefined) throw watch.error
          await Promise.race([watch.changed, gone])
        }
      } finally {
        watch.watchers -= 1
        if (watch.watchers === 0) watch.stop()
      }
    },
  }

  function startWatch(id: string, site: string): Watch {
    const name = `${site} ${id}`
    const watch = new Watch(() => {
      if (watches.get(name) === watch) watches.delete(name)
    })
    watches.set(name, watch)
    void watch.run(() => find(id, site), intervalMilliseconds)
    return watch
  }
}

class Watch {
  watchers = 0
  latest: JobEvent | undefined
  error: unknown
  changed: Promise<void>
  #tellChange!: () => void
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  readonly #onStop: () => void

  constructor(onStop: () => void) {
    this.#onStop = onStop
    this.changed = this.#nextChange()
  }

  async run(find: () => Promise<JobEvent>, interval: number): Promise<void> {
    try {
      const event = await find()
      if (event.id !== this.latest?.id) {
        this.latest = event
        this.#announce()
      }
      if (isFinal(event.job)) this.stop()
    } catch (error) {
      this.error = error
      this.#announce()
      this.stop()
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.run(find, interval), interval)
  }

  /** Remaining watchers already have the last state. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#onStop()
  }

  #announce(): void {
    const tell = this.#tellChange
    this.changed = this.#nextChange()
    tell()
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#tellChange = resolve
    })
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
