/** What standing workflows do about a step that failed for good: they say why, and go on. */
import { ActivityFailure, isCancellation } from '@temporalio/workflow'

/** Why a step failed, for the workflow's state. Throws what is no failure of a step: a cancellation, or a bug of the workflow. */
export function reasonOf(error: unknown): string {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
  return error.cause?.message ?? error.message
}

export function withoutReason<State extends { reason?: string }>({
  reason: _reason,
  ...state
}: State): State {
  return state as State
}
