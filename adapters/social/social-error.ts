export type SocialErrorCode =
  /** The network rejects our credentials. */
  | 'social_unauthorized'
  | 'social_payment_required'
  | 'social_forbidden'
  /** Its rules do not allow a reply to this post. */
  | 'social_reply_not_allowed'
  /** The same text was already posted. */
  | 'social_duplicate'
  | 'social_post_gone'
  | 'social_rate_limited'
  | 'social_too_many_connections'
  | 'social_unavailable'
  | 'social_unreachable'
  | 'social_connection_lost'
  | 'social_upload_failed'
  | 'social_refused'
  /** Our own limit, not the network's. */
  | 'social_budget_spent'

/** Errors of social networks and of the connection. Contain no secrets. */
export class SocialError extends Error {
  readonly code: SocialErrorCode
  readonly retryable: boolean
  /** If the network named a delay. */
  readonly retryAfterSeconds?: number
  /** The call may have been carried out nevertheless. Matters for public effects. */
  readonly maybeDone: boolean

  constructor(
    code: SocialErrorCode,
    message: string,
    options: { retryable?: boolean; retryAfterSeconds?: number | undefined; maybeDone?: boolean } = {},
  ) {
    super(message)
    this.name = 'SocialError'
    this.code = code
    this.retryable = options.retryable ?? true
    this.maybeDone = options.maybeDone ?? false
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds
  }
}
