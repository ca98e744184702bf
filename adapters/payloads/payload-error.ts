/** Payloads of Temporal's that cannot be read with the keys there are. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError'
  readonly code: 'payload_key_missing' | 'payload_key_differs' | 'payload_not_decrypted'
  /** Whoever is given the key can read them then; what was tampered with nobody ever can. */
  readonly retryable: boolean

  constructor(code: PayloadError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retryable = code !== 'payload_not_decrypted'
  }
}
