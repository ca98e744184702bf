import { once } from 'node:events'
import { type Client, isGrpcCancelledError, WorkflowFailedError } from '@temporalio/client'
import { endingWith } from '../../adapters/ending.ts'

/**
 * Deadline beyond the wait itself, seconds. The server ends its long poll shortly before a call's deadline, and a client near the
 * deadline would poll again and again. So the deadline is kept out of reach, and an abort ends the wait.
 */
const headroom = 30

/**
 * Waits until a job has ended, `seconds` have passed or the client has disconnected, with a single long poll that the server
 * answers when the workflow closes.
 * @returns whether it has ended, in whatever way
 */
export async function awaitJob(
  client: Client,
  id: string,
  seconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (seconds <= 0 || signal.aborted) return false
  using ending = endingWith(signal)
  const timer = setTimeout(ending.end, seconds * 1000)
  const end = ending.signal
  const over = client
    .withAbortSignal(end, () =>
      client.withDeadline(Date.now() + (seconds + headroom) * 1000, () =>
        client.workflow.getHandle(id).result(),
      ),
    )
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof WorkflowFailedError) return true
        if (isGrpcCancelledError(error) || end.aborted) return false
        throw error
      },
    )
  // A native connection may notice the abort only when its poll ends, but the caller is answered now.
  try {
    return await Promise.race([over, once(end, 'abort').then(() => false)])
  } finally {
    clearTimeout(timer)
  }
}
