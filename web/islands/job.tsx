/** Keeps the job on the page current: through events or, if these fail, by polling. */
import { createRoot } from 'hono/jsx/dom/client'
import { JobView } from '../components/job-view.tsx'
import { isFinal, type Job, type JobStep, ownPath } from '../job.ts'
import { followJob } from './follow-job.ts'
import { isRemembered, remember } from './remembered.ts'

const place = document.querySelector<HTMLElement>('#job')!
const root = createRoot(place)
/** Prefix of all URLs: `/admin` for operators. */
const base = place.dataset.base ?? ''
let job = JSON.parse(place.dataset.job!) as Job
let steps = JSON.parse(place.dataset.steps!) as JobStep[]
let notice: string | undefined

/** The timeline changes with these, not with every percent. */
const chapterOf = ({ status, progress, attempts }: Job) =>
  JSON.stringify([status, progress.stage, progress.step, attempts])
let readSteps = chapterOf(job)

async function catchUpWithSteps(): Promise<void> {
  const chapter = chapterOf(job)
  if (chapter === readSteps) return
  readSteps = chapter
  try {
    const answer = await fetch(`${base}${ownPath(job.urls.self)}/steps`, {
      headers: { Accept: 'application/json' },
    })
    if (!answer.ok) throw new Error(`the request for the steps failed with status ${answer.status}`)
    const { data } = (await answer.json()) as { data: JobStep[] }
    // Responses may arrive out of order.
    if (chapter !== readSteps) return
    steps = data
    root.render(<JobView job={job} steps={steps} notice={notice} base={base} />)
  } catch {
    // The job itself is shown; its timeline follows with the next event.
    if (chapter !== readSteps) return
    readSteps = ''
    setTimeout(() => void catchUpWithSteps(), 2_000)
  }
}

function show(next: Job): void {
  job = next
  void catchUpWithSteps()
  if (isRemembered(job.id)) remember({ id: job.id, type: job.type, status: job.status })
  root.render(<JobView job={job} steps={steps} notice={notice} base={base} />)
}

function listen(): void {
  const listener = {
    onJob: (told: Job) => {
      notice = undefined
      show(told)
    },
    onLost: () => {
      notice = 'The connection is lost. The job continues; this page catches up when you are back online.'
      show(job)
    },
  }
  followJob(job, listener, base)
}

const failures: Record<string, string> = {
  cancel: 'The job could not be canceled: the server cannot be reached. Try again in a moment.',
  replay: 'The job could not be replayed: the server cannot be reached. Try again in a moment.',
}

place.addEventListener('submit', async (event) => {
  const { ask } = (event.target as HTMLElement).dataset
  if (ask !== 'cancel' && ask !== 'replay') return
  event.preventDefault()
  const answer = await fetch(`${base}${ownPath(job.urls.self)}/${ask}`, { method: 'POST' }).catch(
    () => undefined,
  )
  if (answer?.ok) {
    if (ask === 'cancel') return
    // It runs again, but its events have ended.
    notice = undefined
    show((await answer.json()) as Job)
    return listen()
  }
  const problem = (await answer?.json().catch(() => undefined)) as { detail?: string } | undefined
  notice = problem?.detail ?? failures[ask]
  show(job)
})

if (isRemembered(job.id)) remember({ id: job.id, type: job.type, status: job.status })
if (!isFinal(job.status)) listen()
// Restored from the back-forward cache: events were missed.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && !isFinal(job.status)) listen()
})
