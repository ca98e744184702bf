/** Rate limits: token buckets by name, refilled at a constant rate. */
export interface Rate {
  requests: number
  seconds: number
}

export interface RateLimits {
  /** Where requests are counted, such as `this process`. */
  readonly description: string
  /**
   * Takes a token from the bucket with this name, which starts full.
   * @returns 0 if a token was taken, otherwise ms until there is one
   */
  take(name: string, rate: Rate): Promise<number>
  close(): Promise<void>
}
