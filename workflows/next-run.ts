/** How standing workflows go on for months: in one run after the other, each with a short history. */
import { makeContinueAsNewFunc, patched, workflowInfo } from '@temporalio/workflow'

/**
 * Whether Temporal finds this run's history long, which each workflow's own count of steps prevents, unless signals arrive in
 * great numbers. Runs from before it was asked keep to their count until they are past their history.
 */
export const isLong = () => workflowInfo().continueAsNewSuggested && patched('continues-when-suggested')

/**
 * Continues as new. Without a memo of its own, the next run would begin with the one that the first run was started with, and
 * `describe` would show that until a worker takes its first step.
 *
 * @param shown what the memo shows until then
 */
export async function nextRun<Job>(name: string, job: Job, shown: Job = job): Promise<never> {
  return await makeContinueAsNewFunc<(job: Job) => Promise<unknown>>({ memo: { [name]: shown } })(job)
}
