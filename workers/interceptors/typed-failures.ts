/**
 * Typed failures: translates errors of the engine and the adapters into Temporal's failures.
 *
 * These errors carry a `code` for programs, a sentence for people, `retryable` and sometimes a retry delay. Everything else is a
 * bug or a temporary fault, and is retried as such.
 */

import { ApplicationFailure, CancelledFailure, type Context } from '@temporalio/activity'
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker'

interface TypedError extends Error {
  code: string
  retryable: boolean
  /** The delay that the other side named, as with 429 and 503. */
  retryAfterSeconds?: number
}

/** An arbitrary server may name any delay, but no job should wait a day for it. */
const longestWaitSeconds = 300

export class TypedFailures implements ActivityInboundCallsInterceptor {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>) {
    try {
      return await next(input)
    } catch (error) {
      // A cancelled step fails in whatever it was doing. What counts is that it was cancelled.
      const { cancellationSignal } = this.#context
      if (cancellationSignal.aborted && !(error instanceof ApplicationFailure)) {
        throw cancellationSignal.reason instanceof CancelledFailure ? cancellationSignal.reason : error
      }
      throw isTyped(error) ? toFailure(error) : error
    }
  }
}

function isTyped(error: unknown): error is TypedError {
  if (!(error instanceof Error) || error instanceof ApplicationFailure) return false
  const { code, retryable } = error as Partial<TypedError>
  return typeof code === 'string' && typeof retryable === 'boolean'
}

function toFailure(error: TypedError): ApplicationFailure {
  const { code, message, retryable, retryAfterSeconds } = error
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: !retryable,
    cause: error,
    ...(retryAfterSeconds !== undefined && {
      nextRetryDelay: Math.min(retryAfterSeconds, longestWaitSeconds) * 1000,
    }),
  })
}
