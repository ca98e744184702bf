/**
 * Typed failures: translates what the engine and the adapters throw into Temporal's terms.
 *
 * They throw errors with a `code` for programs, a sentence for people, `retryable`, and sometimes the time after which
 * another attempt makes sense. Everything else is a defect or a temporary fault and is retried as such.
 */

import { ApplicationFailure, CancelledFailure, type Context } from '@temporalio/activity'
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker'

interface TypedError extends Error {
  code: string
  retryable: boolean
  /** If the other side named a time, as with 429 and 503. */
  retryAfterSeconds?: number
}

/** A stranger's server may name any time, but no job should wait a day for it. */
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
      // A cancelled step fails in whatever it was doing at that moment. What counts is that it was cancelled.
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
