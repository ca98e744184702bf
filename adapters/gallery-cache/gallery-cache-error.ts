/** Errors of gallery caches. `retryable`: whether the same call may succeed later. */
export class GalleryCacheError extends Error {
  readonly code: 'cache_unavailable' | 'invalid_entry' | 'invalid_cursor' | 'invalid_limit'
  readonly retryable: boolean

  constructor(code: GalleryCacheError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'GalleryCacheError'
    this.code = code
    this.retryable = code === 'cache_unavailable'
  }
}
