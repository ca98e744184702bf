/** How often somebody may ask: buckets of tokens, each filled at an even pace, by name. */
export interface Rate {
  requests: number
  seconds: number
}

export interface RateLimits {
  /** Who counts, such as `this process`. */
  readonly description: string
  /**
   * Takes a token out of the bucket of this name, which begins full.
   * @returns ms until there is one; 0: it was there, and is taken
   */
  take(name: string, rate: Rate): Promise<number>
  close(): Promise<void>
}
