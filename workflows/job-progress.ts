/** How far a job is, as the world sees it. */
import { setCurrentDetails, upsertMemo } from '@temporalio/workflow'
import type { Progress } from './contract/job.ts'
import { type StepName, type Steps, steps } from './steps.ts'

/**
 * Takes the next step: `await step('thumbnail', 'what the Web UI says about it', input)`.
 * Reporting it costs no round trip: the progress goes out together with the step itself.
 */
export type TakeStep = <Name extends StepName>(
  name: Name,
  summary: string,
  input: Parameters<Steps[Name]>[0],
) => ReturnType<Steps[Name]>

/** Reports how many of its items a step has done, wherever they are processed. */
export type ReportItems = (name: StepName, items: { done: number; total: number }) => void

export interface JobProgress {
  /** RFC 3339. */
  startedAt: string
  /** The step that runs now, or ran last. */
  readonly stage: StepName | undefined
  step: TakeStep
  report: ReportItems
}

/**
 * Keeps the progress in the memo, where a single DescribeWorkflowExecution finds it even while every worker is down, and in
 * the current details, where the Web UI shows it.
 *
 * @param stages the job's steps, in the order in which they run
 */
export function trackProgress(stages: readonly StepName[]): JobProgress {
  const startedAt = new Date().toISOString()
  let stage: StepName | undefined

  const enter = (name: StepName, items?: Progress['items']) => {
    // A step may run many times, once for each batch: that is one stage.
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
