/** Tells of a job until it is over: by events while they flow, by asking now and then when they do not. */
import { isFinal, type Job, ownPath } from '../job.ts'

export interface Listener {
  onJob(job: Job): void
  /** The server cannot be reached: the job goes on, and is asked for again. */
  onLost(): void
}

/**
 * @param base before every address, such as `/admin` for who operates the site
 * @returns ends it before the job does
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
  /** Every second at first, then slower, up to 5 s. */
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
    // A dropped connection is opened again by the browser; a refused one is not.
    if (source.readyState === EventSource.CLOSED) poll()
  }
  addEventListener('pagehide', () => source.close(), { once: true })
  return end
}
