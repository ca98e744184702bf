/**
 * Encodes a workflow's failure if it was caused by an encoded one, and leaves it readable otherwise. With encryption on, steps
 * encode their failures (`adapters/payloads.ts`); the sandbox cannot see that setting, only the failures that arrive.
 *
 * Part of every workflow bundle: see `workers/build-bundle.ts`.
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

/** Whether the error or one of its causes arrived encoded. */
function isEncoded(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause)
    if (e instanceof TemporalFailure && e.failure?.encodedAttributes) return true
  return false
}

export const failureConverter = new FollowingFailureConverter()
