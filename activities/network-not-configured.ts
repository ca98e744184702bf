import { ApplicationFailure } from '@temporalio/activity'

/** Tried again: another worker may have the credentials, or this one after its next start. */
export const networkNotConfigured = (network: string) =>
  ApplicationFailure.create({
    type: 'network_not_configured',
    message: `Expected credentials for ${network} in this worker's environment, there are none.`,
  })
