/**
 * Failures as workflows tell them: in words, unless they pass on what a step said in secret. Steps encode their failures
 * where payloads are encrypted (`adapters/payloads.ts`); a workflow cannot know of that but by what it is told.
 *
 * Part of every bundle of the workflows: see `workers/build-bundle.ts`.
 */
import { DefaultFailureConverter, type PayloadConverter, TemporalFailure } from '@temporalio/common'

class FollowingFailureConverter extends DefaultFailureConverter {
  readonly #encoding = new DefaultFailureConverter({ encodeCommonAttributes: true })

  override errorToFailure(error: unknown, payloadConverter: PayloadConverter) {
    return isToldInSecret(error)
      ? this.#encoding.errorToFailure(error, payloadConverter)
      : super.errorToFailure(error, payloadConverter)
  }
}

/** It, or what it was caused by. */
function isToldInSecret(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause)
    if (one instanceof TemporalFailure && one.failure?.encodedAttributes) return true
  return false
}

export const failureConverter = new FollowingFailureConverter()
