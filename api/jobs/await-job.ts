import {
  type Client,
  isGrpcCancelledError,
  isGrpcDeadlineError,
  WorkflowFailedError,
} from '@temporalio/client'

/**
 * Waits until a job is over, `seconds` at most, or until nobody listens any more. One long poll that the server
 * answers when the workflow closes, not a loop of questions.
 * @returns whether it is over, however it ended
 */
export async function awaitJob(
  client: Client,
  id: string,
  seconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (seconds <= 0 || signal.aborted) return false
  try {
    await client.withAbortSignal(signal, () =>
      client.withDeadline(Date.now() + seconds * 1000, () => client.workflow.getHandle(id).result()),
    )
    return true
  } catch (error) {
    if (error instanceof WorkflowFailedError) return true
    if (isGrpcDeadlineError(error) || isGrpcCancelledError(error) || signal.aborted) return false
    throw error
  }
}
