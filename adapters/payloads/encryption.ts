/**
 * Encrypts whole payloads with AES-256-GCM (NIST SP 800-38D), in the format of Temporal's own samples: `encoding:
 * binary/encrypted` and the key's ID, with 12 bytes of nonce, the ciphertext and its tag.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { Payload, PayloadCodec } from '@temporalio/common'
import proto from '@temporalio/proto'
import { encryptingKey, noKey, type PayloadKey } from '../environment/payload-keys.ts'
import { PayloadError } from './payload-error.ts'

const { Payload: PayloadMessage } = proto.temporal.api.common.v1

const encoding = 'binary/encrypted'
const cipher = 'aes-256-gcm'
/** SP 800-38D, section 8.2: a nonce of 96 random bits, safe for 2^32 payloads per key (section 8.3). */
const nonceBytes = 12
const tagBytes = 16

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString()

/**
 * The first key encrypts, all of them decrypt. Without keys, or with `plain` first, nothing is encrypted. Unencrypted payloads
 * are accepted, so that encryption can be switched on in a running system.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: ReadonlyMap<string, KeyObject>
  readonly #current: string | undefined

  constructor(keys: readonly PayloadKey[]) {
    this.#current = encryptingKey(keys)?.id
    const real = keys.filter(({ id }) => id !== noKey.id)
    this.#keys = new Map(real.map(({ id, secret }) => [id, createSecretKey(secret, 'base64')]))
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const id = this.#current
    const key = id === undefined ? undefined : this.#keys.get(id)
    if (id === undefined || key === undefined) return payloads
    return payloads.map((payload) => sealed(id, encrypt(PayloadMessage.encode(payload).finish(), key)))
  }

  /** @throws {PayloadError} `payload_key_missing`, `payload_not_decrypted` */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) =>
      text(payload.metadata?.encoding) === encoding ? this.#decode(payload) : payload,
    )
  }

  #decode({ metadata, data }: Payload): Payload {
    const id = text(metadata?.['encryption-key-id'])
    const key = this.#keys.get(id)
    if (!key) throw keyMissing(id, [...this.#keys.keys()])
    try {
      return PayloadMessage.decode(decrypt(data ?? new Uint8Array(), key))
    } catch (cause) {
      throw new PayloadError(
        'payload_not_decrypted',
        `The payload cannot be decrypted with the key ${JSON.stringify(id)} of PAYLOAD_KEYS: ` +
          'either this key has another value here, or the payload was altered.',
        { cause },
      )
    }
  }
}

/** An encrypted payload. */
export const sealed = (id: string, data: Uint8Array): Payload => ({
  metadata: { encoding: bytes(encoding), 'encryption-key-id': bytes(id) },
  data,
})

/** @param there IDs of the available keys */
export function keyMissing(id: string, there: readonly string[]): PayloadError {
  const known = there.length === 0 ? 'is empty' : `only has ${there.join(', ')}`
  return new PayloadError(
    'payload_key_missing',
    `Payloads were encrypted with the key ${JSON.stringify(id.slice(0, 64))}, which is not in PAYLOAD_KEYS: it ${known}.`,
  )
}

function encrypt(plain: Uint8Array, key: KeyObject): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key, nonce)
  return new Uint8Array(Buffer.concat([nonce, sealing.update(plain), sealing.final(), sealing.getAuthTag()]))
}

function decrypt(data: Uint8Array, key: KeyObject): Uint8Array {
  if (data.length < nonceBytes + tagBytes)
    throw new RangeError(`expected ${nonceBytes + tagBytes} bytes at least, got ${data.length}`)
  const opening = createDecipheriv(cipher, key, data.subarray(0, nonceBytes))
  opening.setAuthTag(data.subarray(-tagBytes))
  return Buffer.concat([opening.update(data.subarray(nonceBytes, -tagBytes)), opening.final()])
}
