export type TileLibraryErrorCode =
  | 'library_name_invalid'
  | 'library_not_found'
  | 'library_empty'
  | 'library_changed'

/** What a tile library cannot do as asked. Only `library_changed` may go better with the next try. */
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
