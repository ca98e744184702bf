/**
 * Checks at startup that a process has the keys that others encrypt with. A process that lacks one would otherwise take jobs and
 * fail to read them, again and again.
 *
 * For each key that has ever encrypted, a note in the object store holds a known word encrypted with it. For `plain` there is an
 * unencrypted note, which says since when nothing is encrypted.
 */
import { buffer } from 'node:stream/consumers'
import { defaultPayloadConverter } from '@temporalio/common'
import { z } from 'zod'
import { encryptingKey, noKey, type PayloadKey } from '../environment/payload-keys.ts'
import * as layout from '../object-store/layout.ts'
import { ObjectExists, type ObjectStore } from '../object-store/object-store.ts'
import { EncryptionCodec, keyMissing, sealed } from './encryption.ts'
import { PayloadError } from './payload-error.ts'

type Store = Pick<ObjectStore, 'put' | 'get' | 'list'>

const note = z.object({
  id: z.string(),
  /** When it was first used; the latest note counts. */
  since: z.iso.datetime(),
  /** Base64. */
  word: z.string(),
})
type Note = z.infer<typeof note>

/**
 * @param keys as in `PAYLOAD_KEYS`. The first one, which is going to encrypt or stands for no encryption, gets a note
 * @throws {PayloadError} `payload_key_missing`: the latest key is not among them; `payload_key_differs`: one of them has
 * another value than elsewhere
 */
export async function checkPayloadKeys(store: Store, keys: readonly PayloadKey[]): Promise<void> {
  const [current] = keys
  const notes = await readNotes(store)
  const latest = notes.at(-1)
  const real = keys.filter(({ id }) => id !== noKey.id)
  if (latest && latest.id !== noKey.id && !real.some(({ id }) => id === latest.id))
    throw withWayOut(latest.id, real)
  for (const key of real) await compare(key, notes)
  if (current === undefined) return
  // A key noted before is not noted again, unless encryption was off in between; `plain` is noted whenever a key was the latest.
  const isKnown = notes.some(({ id }) => id === current.id)
  const isSwitch = latest !== undefined && (latest.id === noKey.id) !== (encryptingKey(keys) === undefined)
  if (isKnown && !isSwitch) return
  if (!(await writeNote(store, current, isKnown ? 'replace' : 'create')) && current.id !== noKey.id)
    await compare(current, await readNotes(store))
}

/** Somebody who removed the keys either wants to end encryption or forgot them: the message covers both. */
function withWayOut(missing: string, there: readonly PayloadKey[]): PayloadError {
  const { code, message } = keyMissing(
    missing,
    there.map(({ id }) => id),
  )
  const end =
    `To end encryption, set PAYLOAD_KEYS=plain,${missing}:KEY with the old key, which is still needed to read existing data, ` +
    'and remove that key once Temporal no longer has any job from before: docs/access.md.'
  return new PayloadError(code, there.length === 0 ? `${message} ${end}` : message)
}

async function compare(key: PayloadKey, notes: readonly Note[]): Promise<void> {
  const found = notes.find(({ id }) => id === key.id)
  if (!found) return
  try {
    await new EncryptionCodec([key]).decode([sealed(key.id, Buffer.from(found.word, 'base64'))])
  } catch (cause) {
    throw new PayloadError(
      'payload_key_differs',
      `The key ${JSON.stringify(key.id)} in PAYLOAD_KEYS has another value than the one in use since ${found.since}. ` +
        'A new key needs a new ID.',
      { cause },
    )
  }
}

/** @returns false if another process was faster */
async function writeNote(store: Store, key: PayloadKey, mode: 'create' | 'replace'): Promise<boolean> {
  const [payload] = await new EncryptionCodec([key]).encode([defaultPayloadConverter.toPayload('mosaicme')])
  const word = Buffer.from(payload?.data ?? []).toString('base64')
  const { bucket, key: name } = layout.payloadKey(key.id)
  const body = Buffer.from(
    JSON.stringify({ id: key.id, since: new Date().toISOString(), word } satisfies Note),
  )
  try {
    await store.put(bucket, name, body, { contentType: 'application/json', mode })
    return true
  } catch (error) {
    if (error instanceof ObjectExists) return false
    throw error
  }
}

/** Latest last. There are only a few, since a key is good for years. */
async function readNotes(store: Store): Promise<Note[]> {
  const { bucket, key: prefix } = layout.payloadKeys
  const { objects } = await store.list(bucket, { prefix })
  const notes = await Promise.all(
    objects.map(async ({ key }) =>
      note.parse(JSON.parse((await buffer((await store.get(bucket, key)).body)).toString())),
    ),
  )
  return notes.sort((a, b) => a.since.localeCompare(b.since))
}
