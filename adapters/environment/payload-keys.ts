/** Payload keys as `PAYLOAD_KEYS` lists them: what Temporal's payloads are encrypted with, each under a name of its own. */
import { EntryFault } from './entry-fault.ts'

export interface PayloadKey {
  /** Stands beside everything that was encrypted with it, for all to read. */
  id: string
  /** 32 bytes, as AES-256 has it, in base64. */
  secret: string
}

/**
 * In place of a key, in front of the others: from now on nothing is encrypted, and what was can still be read. It has an ID as
 * keys have, under which everybody is told that it is the latest.
 */
export const noKey: PayloadKey = { id: 'plain', secret: '' }

/** The one that encrypts, if any does. */
export const encryptingKey = ([first]: readonly PayloadKey[]): PayloadKey | undefined =>
  first?.id === noKey.id ? undefined : first

/**
 * @example parsePayloadKey('2026-11:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=')
 * @throws {EntryFault} for what is neither `ID:BASE64` of 32 bytes nor `plain`
 */
export function parsePayloadKey(text: string): PayloadKey {
  if (text === noKey.id) return noKey
  const [, id, secret] = /^([\w.-]{1,64}):([^:]*)$/.exec(text) ?? []
  if (id === undefined || secret === undefined) throw new EntryFault('one that is no ID:KEY')
  if (id === noKey.id) throw new EntryFault(`one with the ID ${id}, which stands for no encryption`)
  if (!/^[A-Za-z0-9+/]{43}=$/.test(secret)) throw new EntryFault('one whose KEY is not 32 bytes in base64')
  return { id, secret }
}
