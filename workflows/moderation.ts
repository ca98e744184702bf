import { ApplicationFailure, condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow'
import type { AskModeratorInput } from '../activities/ask-moderator.ts'
import type { TakeStep } from './job-progress.ts'
import { steps } from './steps.ts'

/** A moderator's decision about the picture with this entity tag. The first one about a picture counts. */
export interface Decision {
  approved: boolean
  /** Absent in decisions of API processes from before pictures were named. */
  etag?: string
}
export const moderate = defineSignal<[Decision]>('moderate')

/**
 * Waits until a moderator approves the mosaic, for as long as that takes.
 *
 * @throws {ApplicationFailure} `rejected`. The staged work is discarded first, so that no replay can publish it.
 */
export async function untilApproved(step: TakeStep, made: Omit<AskModeratorInput, 'jobId'>): Promise<void> {
  const { workflowId: jobId } = workflowInfo()
  const decisions: Decision[] = []
  // One may arrive before the step that asks for it has returned.
  setHandler(moderate, (decision) => {
    decisions.push(decision)
  })
  const asked = await step('ask-moderator', 'waiting for a moderator', { jobId, ...made })
  // After a lost response a decision is repeated, and by then the mosaic may have been planned again.
  const isAboutIt = ({ etag }: Decision) => !asked || etag === undefined || etag === asked.etag
  await condition(() => decisions.some(isAboutIt))
  if (decisions.find(isAboutIt)?.approved) return
  await steps['discard-work']({ jobId })
  throw ApplicationFailure.nonRetryable('A moderator has rejected this mosaic.', 'rejected')
}
