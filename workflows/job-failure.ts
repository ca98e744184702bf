import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow'

/** Why a job failed: a code for programs, a sentence for people, and whether a replay may succeed. */
export interface JobFailure {
  type: string
  message: string
  retryable: boolean
}

/** @param stage the step that was running when the job failed */
export function jobFailure(error: unknown, stage: string | undefined): JobFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (cause instanceof ApplicationFailure && isCode(cause.type)) {
    return { type: cause.type, message: cause.message, retryable: !cause.nonRetryable }
  }
  if (cause instanceof TimeoutFailure) {
    return {
      type: 'step_timed_out',
      message: `The step ${stage} did not finish in time, or its worker died, in every attempt.`,
      retryable: true,
    }
  }
  // The message of a bug may contain paths and addresses: only operators may see those, in the Web UI.
  const message = `The step ${stage} failed unexpectedly. The cause is in the Temporal Web UI.`
  return { type: 'internal', message, retryable: true }
}

/** Steps throw snake_case codes on purpose; a bug carries the name of its class, such as TypeError. */
const isCode = (type: string | undefined | null): type is string => /^[a-z][a-z0-9_]*$/.test(type ?? '')
