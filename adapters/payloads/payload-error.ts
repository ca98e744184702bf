/** A payload that cannot be read with the available keys. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError'
  readonly code: 'payload_key_missing' | 'payload_key_differs' | 'payload_not_decrypted'
  /** A missing key may be added later; a payload that was tampered with can never be read. */
  readonly retryable: boolean

  constructor(code: PayloadError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retryable = code !== 'payload_not_decrypted'
  }
}
