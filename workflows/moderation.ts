import { ApplicationFailure, condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow'
import type { AskModeratorInput } from '../activities/ask-moderator.ts'
import type { TakeStep } from './job-progress.ts'
import { steps } from './steps.ts'

/** A moderator's decision. The first one counts. */
export const moderate = defineSignal<[{ approved: boolean }]>('moderate')

/**
 * Waits until a moderator approves the mosaic, for as long as that takes.
 *
 * @throws {ApplicationFailure} `rejected`. The staged work is discarded first, so that no replay can publish it.
 */
export async function untilApproved(step: TakeStep, made: Omit<AskModeratorInput, 'jobId'>): Promise<void> {
  const { workflowId: jobId } = workflowInfo()
  let decision: { approved: boolean } | undefined
  setHandler(moderate, (decided) => {
    decision ??= decided
  })
  await step('ask-moderator', 'waiting for a moderator', { jobId, ...made })
  await condition(() => decision !== undefined)
  if (decision?.approved) return
  await steps['discard-work']({ jobId })
  throw ApplicationFailure.nonRetryable('A moderator has rejected this mosaic.', 'rejected')
}
