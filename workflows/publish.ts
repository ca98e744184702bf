import { ActivityFailure, ApplicationFailure, type TimeoutFailure } from '@temporalio/workflow'
import type { Publication, PublishJob } from './contract/job.ts'
import { steps } from './steps.ts'

/** Sends the reply after all: a person's decision, after the job could not tell whether it had gone out. */
export async function publish({ jobId, post, small }: PublishJob): Promise<Publication> {
  const summary = `reply to ${post.url}, decided by a person`
  try {
    return await steps.tweet.executeWithOptions({ summary }, [{ jobId, post, small, decided: true }])
  } catch (error) {
    return publicationAfterFailure(error)
  }
}

/** What is known about a reply once its retries are exhausted: `unknown`, unless the last failure says it did not go out. */
export function publicationAfterFailure(error: unknown): Publication {
  const failure = error instanceof ActivityFailure ? error.cause : error
  // A timeout wraps the failure of the last attempt.
  const cause = (failure as TimeoutFailure | undefined)?.cause ?? failure
  const reason = cause instanceof Error ? cause.message : String(cause)
  const { maybeOut = true } =
    cause instanceof ApplicationFailure ? ((cause.details?.[0] ?? {}) as { maybeOut?: boolean }) : {}
  return { status: maybeOut ? 'unknown' : 'gallery_only', reason }
}
