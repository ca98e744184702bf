export type PictureErrorCode =
  | 'empty_input'
  | 'not_an_image'
  | 'unsupported_format'
  | 'image_truncated'
  | 'image_too_large'
  | 'too_many_pixels'
  | 'too_many_frames'
  | 'invalid_option'
  | 'invalid_plan'
  | 'invalid_edit'
  | 'target_needed'
  | 'mask_unusable'
  | 'tile_missing'
  | 'library_too_small'
  | 'library_too_large'
  | 'output_too_large'
  | 'took_too_long'

/** A request that the engine cannot fulfil; repeating it fails in the same way. */
export class PictureError extends Error {
  override readonly name = 'PictureError'
  readonly code: PictureErrorCode
  readonly retryable = false

  /** @param message a sentence for people: what was expected, for what, and what was received */
  constructor(code: PictureErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
