/** Follows a job until it ends: through events or, if these fail, by polling. */
import { isFinal, type Job, ownPath } from '../job.ts'

export interface Listener {
  onJob(job: Job): void
  /** The server is unreachable. The job continues, and will be polled again. */
  onLost(): void
}

/**
 * @param base prefix of all URLs, such as `/admin` for operators
 * @returns a function that stops following
 */
export function followJob({ urls }: Job, { onJob, onLost }: Listener, base = ''): () => void {
  const source = new EventSource(base + ownPath(urls.events))
  let next: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  const end = () => {
    isOver = true
    source.close()
    clearTimeout(next)
  }
  const tell = (told: Job) => {
    if (isOver) return
    if (isFinal(told.status)) end()
    onJob(told)
  }
  /** Polls every second at first, then less often, up to every 5 s. */
  function poll(wait = 1_000): void {
    if (isOver) return
    next = setTimeout(async () => {
      try {
        const headers = { Accept: 'application/json' }
        const answer = await fetch(base + ownPath(urls.self), { headers })
        if (answer.ok) tell((await answer.json()) as Job)
      } catch {
        if (!isOver) onLost()
      }
      poll(Math.min(wait * 1.3, 5_000))
    }, wait)
  }
  for (const name of ['progress', 'done'])
    source.addEventListener(name, ({ data }: MessageEvent<string>) => tell(JSON.parse(data) as Job))
  source.onerror = () => {
    // Browsers reconnect after a dropped connection, but not after a rejected one.
    if (source.readyState === EventSource.CLOSED) poll()
  }
  addEventListener('pagehide', () => source.close(), { once: true })
  return end
}
