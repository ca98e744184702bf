import { ApplicationFailure } from '@temporalio/activity'
import type { SocialError } from '../../adapters/social/social-error.ts'

/**
 * A network's failure in Temporal's terms. Its own delay is kept however long it is, although other servers get five minutes at
 * most: networks ban clients that do not obey.
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

/** Retried: another worker may have the credentials, or this one after its next start. */
export const networkNotConfigured = (network: string) =>
  ApplicationFailure.create({
    type: 'network_not_configured',
    message: `There are no credentials for ${network} in this worker's environment.`,
  })
