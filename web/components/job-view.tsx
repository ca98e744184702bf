/**
 * A job for people. Pure: the server renders it once, `islands/job.tsx` again with every event,
 * from the same job.
 */
import type { FC } from 'hono/jsx'
import { isFinal, type Job } from '../job.ts'
import { count, jobNoun, stepName, stepsOf, took } from '../words.ts'
import { JobResult } from './job-result.tsx'

const headings: Record<Job['status'], string> = {
  queued: 'In the queue',
  processing: 'In the making',
  succeeded: 'Done',
  failed: 'That did not work',
  canceled: 'Canceled',
}

const subtitle = (job: Job) => {
  switch (job.status) {
    case 'queued':
      return 'Waiting for a free worker. This page may be closed: the job goes on.'
    case 'processing':
      return 'This page may be closed: the job goes on, and this address keeps telling of it.'
    case 'succeeded':
      return job.completed_at
        ? `Finished in ${took(job.started_at ?? job.created_at, job.completed_at)}.`
        : ''
    case 'canceled':
      return 'It was stopped before it finished. Nothing of it was kept.'
    case 'failed':
      return ''
  }
}

/** What a screen reader hears: the step, and its progress in quarters, or it would never stop talking. */
function announcement(job: Job): string {
  if (job.status !== 'processing') return headings[job.status]
  const { stage, done, total } = job.progress
  const quarter = total > 1 ? Math.floor((4 * done) / total) * 25 : 0
  return quarter > 0 ? `${stepName(stage)}, ${quarter} %` : stepName(stage)
}

const Steps: FC<{ job: Job }> = ({ job }) => {
  const { stage, done, total } = job.progress
  const steps = stepsOf(job.type, stage)
  const current = steps.indexOf(stage)
  const running = job.status === 'processing'
  return (
    <ol class="steps">
      {steps.map((step, index) => {
        const state = index < current ? 'done' : index > current ? 'ahead' : running ? 'now' : 'stopped'
        return (
          <li key={step} class={state} aria-current={state === 'now' ? 'step' : undefined}>
            <span class="step">{stepName(step)}</span>
            {index === current && total > 1 && (
              <span class="figure">
                {count(done)} of {count(total)}
              </span>
            )}
            {state === 'now' && (
              <progress
                aria-label={stepName(step)}
                // Without a value it says: busy, nobody knows for how long.
                {...(total > 1 && { max: total, value: Math.min(done, total) })}
              />
            )}
          </li>
        )
      })}
    </ol>
  )
}

const Failure: FC<{ error: Job['error'] }> = ({ error }) => {
  const { code, message, retryable, stage } = error ?? {
    code: 'unknown',
    message: 'The job stopped and left no reason.',
    retryable: true,
    stage: undefined,
  }
  return (
    <div class="failure">
      <p class="reason">{message}</p>
      <p>
        {retryable
          ? 'The cause may pass. A replay goes on at the step that failed: what was done before stays done.'
          : 'The same photo with the same options will fail again: change one of them.'}
      </p>
      <p class="muted">
        Code <code>{code}</code>
        {stage && <> at “{stepName(stage)}”</>}
      </p>
    </div>
  )
}

const Retries: FC<{ job: Job }> = ({ job }) => (
  <>
    {job.attempts.map(({ stage, attempt, last_error }) => (
      <p class="notice" key={stage}>
        “{stepName(stage)}” is being tried again, attempt {attempt}. Last time: {last_error.message}
      </p>
    ))}
  </>
)

/** Where a replay may do better than the last time. */
const isReplayable = (job: Job) => job.status === 'failed' && (job.error?.retryable ?? true)

const Actions: FC<{ job: Job }> = ({ job }) => (
  <div class="actions">
    {isReplayable(job) && (
      <form method="post" action={`/jobs/${job.id}/replay`} data-ask="replay">
        <button class="button primary" type="submit">
          {job.progress.stage === 'queued' ? 'Replay it' : `Replay from “${stepName(job.progress.stage)}”`}
        </button>
      </form>
    )}
    {isFinal(job.status) ? (
      <a
        class={job.status === 'succeeded' || isReplayable(job) ? 'button quiet' : 'button primary'}
        href="/new"
      >
        {job.status === 'failed' && !isReplayable(job) ? 'Try another way' : 'Make another'}
      </a>
    ) : (
      <form method="post" action={`/jobs/${job.id}/cancel`} data-ask="cancel">
        <button class="button quiet" type="submit">
          Cancel
        </button>
      </form>
    )}
    {job.urls.temporal && (
      <a class="text-link" href={job.urls.temporal} rel="external">
        {isFinal(job.status) ? 'See its history in Temporal' : 'Watch it in Temporal'}
      </a>
    )}
  </div>
)

export const JobView: FC<{ job: Job; notice?: string | undefined }> = ({ job, notice }) => (
  <div class={`job ${job.status}`}>
    <header>
      <p class="eyebrow">{jobNoun(job.type)}</p>
      <h1>{headings[job.status]}</h1>
      <p class="muted">{subtitle(job)}</p>
    </header>
    <p class="visually-hidden" role="status">
      {announcement(job)}
    </p>
    {notice && (
      <p class="notice" role="alert">
        {notice}
      </p>
    )}
    {job.status === 'failed' && <Failure error={job.error} />}
    {job.status === 'succeeded' && <JobResult job={job} />}
    {job.status !== 'succeeded' && job.progress.stage !== 'queued' && <Steps job={job} />}
    {!isFinal(job.status) && <Retries job={job} />}
    <Actions job={job} />
    <p class="muted fine">
      Job <code>{job.id}</code>
    </p>
  </div>
)
