/** The steps of a job as a timeline: finished ones with their durations, the running one, and retries with their reasons. */
import type { FC } from 'hono/jsx'
import { isFinal, type Job, type JobStep } from '../job.ts'
import { count, stepName, stepsOf, took } from '../words.ts'

type State = 'done' | 'now' | 'ahead' | 'stopped'

interface Line {
  stage: string
  state: State
  /** Its steps in the history. A stage with batches has many. */
  steps: JobStep[]
}

/** Minimum time in a queue that is worth mentioning, seconds: a message itself takes less. */
const noticeableWait = 1

function linesOf(job: Job, steps: readonly JobStep[]): Line[] {
  const current = job.progress.stage
  const isOver = isFinal(job.status)
  // Without a history, the job's last stage is not a step.
  if (steps.length === 0 && (current === 'queued' || job.status === 'succeeded')) return []
  const told = [...new Set(steps.map(({ stage }) => stage))]
  const known = stepsOf(job.type, current === 'queued' ? (told.at(-1) ?? current) : current)
  // Steps unknown to this page are appended in their order.
  const stages = [...known, ...told.filter((stage) => !known.includes(stage))]
  const at = stages.indexOf(current)
  return stages.flatMap((stage, index) => {
    const own = steps.filter((step) => step.stage === stage)
    if (job.status === 'succeeded')
      return own.length > 0 ? [{ stage, state: 'done' as const, steps: own }] : []
    const here = isOver ? 'stopped' : 'now'
    return [{ stage, state: index < at ? 'done' : index > at ? 'ahead' : here, steps: own }]
  })
}

/** From scheduling to completion, including retries and waiting. */
function durationOf(steps: readonly JobStep[]): string | undefined {
  const from = steps[0]?.scheduled_at
  const to = steps.at(-1)?.completed_at
  return from && to ? took(from, to) : undefined
}

function waitOf([step]: readonly JobStep[]): string | undefined {
  if (!step?.started_at || step.attempts > 1) return undefined
  const seconds = (Date.parse(step.started_at) - Date.parse(step.scheduled_at)) / 1000
  return seconds >= noticeableWait
    ? `waited ${took(step.scheduled_at, step.started_at)} for a worker`
    : undefined
}

export const JobSteps: FC<{ job: Job; steps: readonly JobStep[] }> = ({ job, steps }) => {
  const lines = linesOf(job, steps)
  if (lines.length === 0) return null
  return (
    <ol class="steps">
      {lines.map((line) => (
        <StepLine key={line.stage} line={line} job={job} />
      ))}
    </ol>
  )
}

const StepLine: FC<{ line: Line; job: Job }> = ({ line: { stage, state, steps }, job }) => {
  const { done, total } = job.progress
  const isCurrent = state === 'now' || state === 'stopped'
  const figure = isCurrent && total > 1 ? `${count(done)} of ${count(total)}` : durationOf(steps)
  const last = steps.at(-1)
  const wait = waitOf(steps)
  return (
    <li class={state} aria-current={state === 'now' ? 'step' : undefined}>
      <span class="step">{stepName(stage)}</span>
      {figure && <span class="figure">{figure}</span>}
      {last?.summary && steps.length === 1 && <span class="summary">{last.summary}</span>}
      {steps.length > 1 && <span class="summary">{count(steps.length)} batches</span>}
      {wait && <span class="summary">{wait}</span>}
      {last && last.attempts > 1 && <Retries step={last} />}
      {state === 'now' && (
        <progress
          aria-label={stepName(stage)}
          // Without a value, it is indeterminate.
          {...(total > 1 && { max: total, value: Math.min(done, total) })}
        />
      )}
    </li>
  )
}

const Retries: FC<{ step: JobStep }> = ({ step: { attempts, status, last_error, next_retry_at } }) => (
  <span class="retries">
    {status === 'succeeded'
      ? `Succeeded on attempt ${count(attempts)}. `
      : status === 'failed' || status === 'canceled'
        ? `Tried ${count(attempts)} times. `
        : `Retrying, attempt ${count(attempts)}. `}
    {last_error && `Last error: ${last_error.message}`}
    {next_retry_at && (
      <>
        {' '}
        Next at <time datetime={next_retry_at}>{next_retry_at.slice(11, 19)} UTC</time>.
      </>
    )}
  </span>
)
