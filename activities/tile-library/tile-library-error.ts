export type TileLibraryErrorCode =
  | 'library_name_invalid'
  | 'library_not_found'
  | 'library_empty'
  | 'library_changed'

/** A failed operation on a tile library. Only `library_changed` may succeed when retried. */
export class TileLibraryError extends Error {
  override readonly name = 'TileLibraryError'
  readonly code: TileLibraryErrorCode
  readonly retryable: boolean
  constructor(code: TileLibraryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retryable = code === 'library_changed'
  }
}
