import { ApplicationFailure } from '@temporalio/activity'
import type { SocialError } from '../../adapters/social/social-error.ts'

/**
 * A network's failure as a Temporal failure. The network's own delay is kept however long it is, unlike that of other servers,
 * which is capped at five minutes: networks ban clients that ignore it.
 *
 * @param delay used if the network names none, ms
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

/** Retryable: another worker may have the credentials, or this one after a restart. */
export const networkNotConfigured = (network: string) =>
  ApplicationFailure.create({
    type: 'network_not_configured',
    message: `There are no credentials for ${network} in this worker's environment.`,
  })
