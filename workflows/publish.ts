import { ActivityFailure, ApplicationFailure, type TimeoutFailure } from '@temporalio/workflow'
import type { Publication, PublishJob } from './contract/job.ts'
import { steps } from './steps.ts'

/** Answers a post after all: a person has decided so when the job itself could not know whether it had. */
export async function publish({ jobId, post, small }: PublishJob): Promise<Publication> {
  const summary = `answer to ${post.url}, decided by a person`
  try {
    return await steps.tweet.executeWithOptions({ summary }, [{ jobId, post, small, decided: true }])
  } catch (error) {
    return whetherPublished(error)
  }
}

/** What is known of an answer when the step gave up: what its last failure said, else nothing. */
export function whetherPublished(error: unknown): Publication {
  const failure = error instanceof ActivityFailure ? error.cause : error
  // Out of time: the failure of the last try is inside.
  const cause = (failure as TimeoutFailure | undefined)?.cause ?? failure
  const reason = cause instanceof Error ? cause.message : String(cause)
  const { maybeOut = true } =
    cause instanceof ApplicationFailure ? ((cause.details?.[0] ?? {}) as { maybeOut?: boolean }) : {}
  return { status: maybeOut ? 'unknown' : 'gallery_only', reason }
}
