/** Translates errors of calls to X. */
import { ApiPartialResponseError, ApiRequestError, ApiResponseError } from 'twitter-api-v2'
import { SocialError } from '../social-error.ts'

/**
 * The client's own errors contain the request and our credentials, so none of them leaves this file.
 * @param doing completes "Expected X to ...": `accept the reply`
 */
export function xError(error: unknown, doing: string, now = Date.now()): unknown {
  if (error instanceof ApiResponseError) return refused(error, doing, now)
  if (error instanceof ApiPartialResponseError)
    return new SocialError(
      'social_connection_lost',
      `Expected X to ${doing}, but its response was cut off.`,
      {
        maybeDone: true,
      },
    )
  if (error instanceof ApiRequestError) {
    const code = causeOf(error)
    // The request never arrived.
    const undelivered =
      code !== undefined && /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code)
    return new SocialError(
      undelivered ? 'social_unreachable' : 'social_connection_lost',
      `Expected X to ${doing}, but ${undelivered ? `it could not be reached (${code})` : 'the connection broke before it responded'}.`,
      { maybeDone: !undelivered },
    )
  }
  return error
}

/** The client stores the cause under this name, while its own getter reads another. */
function causeOf(error: ApiRequestError): string | undefined {
  const { error: cause } =
    (error as unknown as { _options?: { error?: NodeJS.ErrnoException } })._options ?? {}
  return cause?.code
}

interface XProblem {
  title?: string
  detail?: string
  type?: string
}

function refused(error: ApiResponseError, doing: string, now: number): SocialError {
  const { title = '', detail = '', type = '' } = (error.data ?? {}) as XProblem
  const said = detail || title
  const sentence = `Expected X to ${doing}, but it answered ${error.code}${said ? `: ${said}` : ''}`.replace(
    /\.?$/,
    '.',
  )
  const retryAfterSeconds = retryAfterOf(error, now)
  switch (error.code) {
    case 401:
      return new SocialError('social_unauthorized', `${sentence} Are X_CONSUMER_* and X_ACCESS_* right?`)
    case 402:
      return new SocialError('social_payment_required', `${sentence} The account at X has no credit left.`)
    case 403:
      if (/duplicate content/i.test(detail)) return new SocialError('social_duplicate', sentence)
      if (/deleted or not visible/i.test(detail))
        return new SocialError('social_post_gone', sentence, { retryable: false })
      if (/not allowed because|have not been mentioned/i.test(detail))
        return new SocialError('social_reply_not_allowed', sentence, { retryable: false })
      return new SocialError('social_forbidden', sentence)
    case 404:
      return new SocialError('social_post_gone', sentence, { retryable: false })
    case 429: {
      const crowded = /streaming-connection/.test(type) || title === 'ConnectionException'
      return new SocialError(crowded ? 'social_too_many_connections' : 'social_rate_limited', sentence, {
        retryAfterSeconds,
      })
    }
    default:
      if (error.code >= 500)
        return new SocialError('social_unavailable', sentence, { retryAfterSeconds, maybeDone: true })
      return new SocialError('social_refused', sentence, { retryable: false })
  }
}

/** Seconds, from `retry-after` or from the time at which the limit resets. The daily limit has its own headers. */
function retryAfterOf({ headers }: ApiResponseError, now: number): number | undefined {
  const header = (name: string) => {
    const value = headers?.[name]
    return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined
  }
  const after = header('retry-after')
  if (after !== undefined) return after
  const spent = (name: string) => (header(`${name}-remaining`) === 0 ? header(`${name}-reset`) : undefined)
  const resets = ['x-rate-limit', 'x-app-limit-24hour', 'x-user-limit-24hour'].flatMap(
    (name) => spent(name) ?? [],
  )
  if (resets.length === 0) return undefined
  return Math.max(1, Math.ceil(Math.max(...resets) - now / 1000))
}
