/** Payload keys from `PAYLOAD_KEYS`, which encrypt Temporal's payloads. Each has an ID. */
import { EntryFault } from './entry-fault.ts'

export interface PayloadKey {
  /** Stored in plain text with everything that it encrypted. */
  id: string
  /** 32 bytes for AES-256, in base64. */
  secret: string
}

/**
 * Used instead of a key, before the others: nothing more is encrypted, and what was encrypted can still be read. It has an ID
 * like a key, under which other processes learn that it is the latest.
 */
export const noKey: PayloadKey = { id: 'plain', secret: '' }

/** The key that encrypts, if any does. */
export const encryptingKey = ([first]: readonly PayloadKey[]): PayloadKey | undefined =>
  first?.id === noKey.id ? undefined : first

/**
 * @example parsePayloadKey('2026-11:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=')
 * @throws {EntryFault} for anything other than `ID:BASE64` of 32 bytes, or `plain`
 */
export function parsePayloadKey(text: string): PayloadKey {
  if (text === noKey.id) return noKey
  const [, id, secret] = /^([\w.-]{1,64}):([^:]*)$/.exec(text) ?? []
  if (id === undefined || secret === undefined) throw new EntryFault('something other than ID:KEY')
  if (id === noKey.id) throw new EntryFault(`the ID ${id}, which stands for no encryption`)
  if (!/^[A-Za-z0-9+/]{43}=$/.test(secret)) throw new EntryFault('a KEY that is not 32 bytes in base64')
  return { id, secret }
}
