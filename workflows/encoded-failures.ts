/**
 * Failures of workflows: readable, unless they pass on an encrypted failure of a step. Steps encode their failures if payloads are
 * encrypted (`adapters/payloads.ts`); a workflow can only tell by the failures that it receives.
 *
 * Part of every bundle of the workflows: see `workers/build-bundle.ts`.
 */
import { DefaultFailureConverter, type PayloadConverter, TemporalFailure } from '@temporalio/common'

class FollowingFailureConverter extends DefaultFailureConverter {
  readonly #encoding = new DefaultFailureConverter({ encodeCommonAttributes: true })

  override errorToFailure(error: unknown, payloadConverter: PayloadConverter) {
    return isEncoded(error)
      ? this.#encoding.errorToFailure(error, payloadConverter)
      : super.errorToFailure(error, payloadConverter)
  }
}

/** The error, or one of its causes. */
function isEncoded(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause)
    if (one instanceof TemporalFailure && one.failure?.encodedAttributes) return true
  return false
}

export const failureConverter = new FollowingFailureConverter()
