import { ApplicationFailure, condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow'
import type { AskModeratorInput } from '../activities/ask-moderator.ts'
import type { TakeStep } from './job-lifecycle.ts'
import { steps } from './steps.ts'

/** A moderator's word. The first one counts. */
export const moderate = defineSignal<[{ approved: boolean }]>('moderate')

/**
 * Waits until a moderator lets the mosaic into the world, for as long as that takes.
 * @throws {ApplicationFailure} `rejected`; what was staged is gone then: nobody shall publish it by a replay
 */
export async function untilApproved(step: TakeStep, made: Omit<AskModeratorInput, 'jobId'>): Promise<void> {
  const { workflowId: jobId } = workflowInfo()
  let word: { approved: boolean } | undefined
  setHandler(moderate, (said) => {
    word ??= said
  })
  await step('ask-moderator', 'waits for a moderator', { jobId, ...made })
  await condition(() => word !== undefined)
  if (word?.approved) return
  await steps['discard-work']({ jobId })
  throw ApplicationFailure.nonRetryable('A moderator has rejected this mosaic.', 'rejected')
}
