export type SocialErrorCode =
  /** The network does not know our credentials, or no longer. */
  | 'social_unauthorized'
  | 'social_payment_required'
  | 'social_forbidden'
  /** Its rules do not let us answer this post. */
  | 'social_reply_not_allowed'
  /** The same text is out already. */
  | 'social_duplicate'
  | 'social_post_gone'
  | 'social_rate_limited'
  | 'social_too_many_connections'
  | 'social_unavailable'
  | 'social_unreachable'
  | 'social_connection_lost'
  | 'social_upload_failed'
  | 'social_refused'
  /** Our own cap, not the network's. */
  | 'social_budget_spent'

/** What a social network, or the way to it, throws on purpose. Holds no secrets. */
export class SocialError extends Error {
  readonly code: SocialErrorCode
  readonly retryable: boolean
  /** When the network named a time. */
  readonly retryAfterSeconds?: number
  /** The call may have been carried out all the same. Matters for what the world sees. */
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
