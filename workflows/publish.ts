import { ActivityFailure, ApplicationFailure, type TimeoutFailure } from '@temporalio/workflow'
import type { Publication, PublishJob } from './contract/job.ts'
import { steps } from './steps.ts'

/** Replies to a post after all: a person decided so when the job itself could not know whether it had. */
export async function publish({ jobId, post, small }: PublishJob): Promise<Publication> {
  const summary = `answer to ${post.url}, decided by a person`
  try {
    return await steps.tweet.executeWithOptions({ summary }, [{ jobId, post, small, decided: true }])
  } catch (error) {
    return whetherPublished(error)
  }
}

/** What is known about a reply when its step gave up: what the last failure says, otherwise nothing. */
export function whetherPublished(error: unknown): Publication {
  const failure = error instanceof ActivityFailure ? error.cause : error
  // Timed out: the failure of the last attempt is inside.
  const cause = (failure as TimeoutFailure | undefined)?.cause ?? failure
  const reason = cause instanceof Error ? cause.message : String(cause)
  const { maybeOut = true } =
    cause instanceof ApplicationFailure ? ((cause.details?.[0] ?? {}) as { maybeOut?: boolean }) : {}
  return { status: maybeOut ? 'unknown' : 'gallery_only', reason }
}
