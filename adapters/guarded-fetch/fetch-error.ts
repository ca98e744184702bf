export type FetchErrorCode =
  | 'url_invalid'
  | 'port_forbidden'
  | 'address_forbidden'
  | 'dns_failed'
  | 'connection_failed'
  | 'tls_failed'
  | 'fetch_timeout'
  | 'too_many_redirects'
  | 'http_status'
  | 'encoding_unsupported'
  | 'response_too_large'
  | 'response_invalid'

export interface FetchErrorDetails {
  retryable?: boolean
  /** Status of the response, with `http_status`. */
  status?: number
  /** The server's Retry-After. */
  retryAfterSeconds?: number
  cause?: unknown
}

/** Why a URL could not be fetched. The message is safe for the person who gave the URL. */
export class FetchError extends Error {
  readonly code: FetchErrorCode
  readonly retryable: boolean
  readonly status?: number
  readonly retryAfterSeconds?: number

  constructor(code: FetchErrorCode, message: string, details: FetchErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'FetchError'
    this.code = code
    this.retryable = details.retryable ?? false
    if (details.status !== undefined) this.status = details.status
    if (details.retryAfterSeconds !== undefined) this.retryAfterSeconds = details.retryAfterSeconds
  }
}
