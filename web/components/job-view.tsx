/**
 * A job's page. Pure: the server renders it once, and `islands/job.tsx` again from every event.
 */
import type { FC } from 'hono/jsx'
import { isFinal, type Job, type JobStep } from '../job.ts'
import { ago, jobNoun, stepName, took } from '../words.ts'
import { JobResult } from './job-result.tsx'
import { JobSteps } from './job-steps.tsx'
import { MosaicSoFar } from './mosaic-so-far.tsx'

const headings: Record<Job['status'], string> = {
  queued: 'Queued',
  processing: 'In the making',
  succeeded: 'Done',
  failed: 'That did not work',
  canceled: 'Canceled',
}

const subtitle = (job: Job) => {
  switch (job.status) {
    case 'queued':
      return 'Waiting for a free worker. You can close this page: the job continues.'
    case 'processing':
      return 'You can close this page: the job continues, and this link shows its progress.'
    case 'succeeded':
      return job.completed_at
        ? `Finished in ${took(job.started_at ?? job.created_at, job.completed_at)}.`
        : ''
    case 'canceled':
      return 'It was stopped before it finished, and nothing was kept.'
    case 'failed':
      return ''
  }
}

/** For screen readers: the step, and its progress in quarters, so that it does not talk all the time. */
function announcement(job: Job): string {
  if (job.status !== 'processing') return headings[job.status]
  const { stage, done, total } = job.progress
  const quarter = total > 1 ? Math.floor((4 * done) / total) * 25 : 0
  return quarter > 0 ? `${stepName(stage)}, ${quarter} %` : stepName(stage)
}

const Failure: FC<{ error: Job['error'] }> = ({ error }) => {
  const { code, message, retryable, stage } = error ?? {
    code: 'unknown',
    message: 'The job stopped without giving a reason.',
    retryable: true,
    stage: undefined,
  }
  return (
    <div class="failure">
      <p class="reason">{message}</p>
      <p>
        {retryable
          ? 'The cause may be temporary. A replay resumes at the step that failed; finished steps are not repeated.'
          : 'The same photo with the same options will fail again: change one of them.'}
      </p>
      <p class="muted">
        Code <code>{code}</code>
        {stage && <> at “{stepName(stage)}”</>}
      </p>
    </div>
  )
}

/** How it failed before it was replayed. */
const EarlierRuns: FC<{ job: Job }> = ({ job: { earlier_runs: runs = [] } }) =>
  runs.length === 0 ? null : (
    <section class="earlier">
      <h2>Earlier runs</h2>
      <ul>
        {runs.map(({ started_at, error, temporal }) => (
          <li key={started_at}>
            <time datetime={started_at}>{ago(started_at)}</time>:{' '}
            {error ? `${error.stage ? `at “${stepName(error.stage)}”, ` : ''}${error.message}` : 'replayed'}
            {temporal && (
              <>
                {' '}
                <a href={temporal} rel="external">
                  its history
                </a>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  )

/** Whether a replay may succeed. */
const isReplayable = (job: Job) => job.status === 'failed' && (job.error?.retryable ?? true)

const Actions: FC<{ job: Job; base: string }> = ({ job, base }) => (
  <div class="actions">
    {isReplayable(job) && (
      <form method="post" action={`${base}/jobs/${job.id}/replay`} data-ask="replay">
        <button class="button primary" type="submit">
          {job.progress.stage === 'queued' ? 'Replay it' : `Replay from “${stepName(job.progress.stage)}”`}
        </button>
      </form>
    )}
    {isFinal(job.status) ? (
      <a
        class={job.status === 'succeeded' || isReplayable(job) ? 'button quiet' : 'button primary'}
        href={job.type === 'resize' ? '/resize' : '/new'}
      >
        {job.status === 'failed' && !isReplayable(job) ? 'Try another way' : 'Make another'}
      </a>
    ) : (
      <form method="post" action={`${base}/jobs/${job.id}/cancel`} data-ask="cancel">
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

export interface JobViewProps {
  job: Job
  /** From the job's history; empty if that has been removed. */
  steps: readonly JobStep[]
  notice?: string | undefined
  /** Prefix of all URLs that require access to the job: `/admin` for operators. */
  base?: string
}

export const JobView: FC<JobViewProps> = ({ job, steps, notice, base = '' }) => (
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
    <MosaicSoFar job={job} base={base} />
    {job.status === 'succeeded' && <JobResult job={job} base={base} />}
    {job.status === 'succeeded' && steps.length > 0 && <h2>How it was made</h2>}
    <JobSteps job={job} steps={steps} />
    <Actions job={job} base={base} />
    <EarlierRuns job={job} />
    <p class="muted fine">
      Job <code>{job.id}</code>
    </p>
  </div>
)
