/** A job's progress, as the API and the Web UI show it. */
import { setCurrentDetails, upsertMemo } from '@temporalio/workflow'
import type { Progress } from './contract/job.ts'
import { type StepName, type Steps, steps } from './steps.ts'

/**
 * Runs the next step: `await step('thumbnail', 'summary for the Web UI', input)`.
 * Reporting it costs no extra round trip: progress and step are commands of the same workflow task.
 */
export type TakeStep = <Name extends StepName>(
  name: Name,
  summary: string,
  input: Parameters<Steps[Name]>[0],
) => ReturnType<Steps[Name]>

/** Reports how many items of a step are done, wherever they are processed. */
export type ReportItems = (name: StepName, items: { done: number; total: number }) => void

export interface JobProgress {
  /** RFC 3339. */
  startedAt: string
  /** The current step, or the last one. */
  readonly stage: StepName | undefined
  step: TakeStep
  report: ReportItems
}

/**
 * Publishes the progress in the memo, which one DescribeWorkflowExecution reads even while every worker is down, and in the
 * current details, which the Web UI shows.
 *
 * @param stages the job's steps, in execution order
 */
export function trackProgress(stages: readonly StepName[]): JobProgress {
  const startedAt = new Date().toISOString()
  let stage: StepName | undefined

  const enter = (name: StepName, items?: Progress['items']) => {
    // A step that runs once per batch is still one stage.
    if (name === stage && !items) return
    const progress: Progress = { stage: name, done: stages.indexOf(name), total: stages.length }
    upsertMemo({ progress: { ...progress, ...(items && { items }) }, startedAt })
    if (name !== stage) setCurrentDetails(describe(stages, name))
    stage = name
  }

  return {
    startedAt,
    get stage() {
      return stage
    },
    step(name, summary, input) {
      enter(name)
      return steps[name].executeWithOptions({ summary }, [input] as never) as never
    },
    report: enter,
  }
}

/** `download ✓ · **tile-match** · compose · …`, for the Web UI. */
function describe(stages: readonly StepName[], current: StepName): string {
  const at = stages.indexOf(current)
  return stages.map((name, i) => (i < at ? `${name} ✓` : i === at ? `**${name}**` : name)).join(' · ')
}
