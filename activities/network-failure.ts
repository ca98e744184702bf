import { ApplicationFailure } from '@temporalio/activity'
import type { SocialError } from '../adapters/social/social-error.ts'

/**
 * A network's failure in Temporal's terms. Its own delay is kept however long it is, where strangers' servers are given
 * five minutes at most: networks ban who does not listen.
 *
 * @param delay ms, where the network names none
 */
export function networkFailure(error: SocialError, delay: number, details: object = {}): ApplicationFailure {
  const { code, message, retryable, retryAfterSeconds } = error
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: !retryable,
    nextRetryDelay: Math.max(1, retryAfterSeconds === undefined ? delay : retryAfterSeconds * 1000),
    details: [details],
  })
}
