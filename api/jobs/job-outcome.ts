/** How a job ended, from its workflow's close event. */
import {
  ApplicationFailure,
  type Client,
  TerminatedFailure,
  TimeoutFailure,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
} from '@temporalio/client'
import { CancelledFailure } from '@temporalio/common'
import type { Job } from '../schemas/job.ts'
import { callTemporal } from './temporal-call.ts'

export type Outcome = { result: unknown } | { error: NonNullable<Job['error']> } | { canceled: true }

/** `undefined` while the job runs. One call that returns at once, because the close event exists. */
export async function outcomeOf(
  client: Client,
  { status, workflowId, runId }: WorkflowExecutionDescription,
): Promise<Outcome | undefined> {
  if (status.name === 'RUNNING' || status.name === 'PAUSED') return undefined
  try {
    return { result: await callTemporal(client, () => client.workflow.getHandle(workflowId, runId).result()) }
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    return outcomeOfFailure(error.cause)
  }
}

function outcomeOfFailure(cause: Error | undefined): Outcome {
  if (cause instanceof CancelledFailure) return { canceled: true }
  if (cause instanceof TerminatedFailure)
    return failed('terminated', `The job was terminated: ${cause.message}.`, true)
  if (cause instanceof TimeoutFailure) return failed('timed_out', 'The job did not finish in time.', true)
  if (cause instanceof ApplicationFailure) {
    const { stage, retryable } = (cause.details?.[0] ?? {}) as { stage?: string; retryable?: boolean }
    return failed(cause.type || 'internal', cause.message, retryable ?? !cause.nonRetryable, stage)
  }
  return failed('internal', cause?.message ?? 'The job failed.', true)
}

const failed = (code: string, message: string, retryable: boolean, stage?: string): Outcome => ({
  error: { code, message, retryable, ...(stage !== undefined && { stage }) },
})
