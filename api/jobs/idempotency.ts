/** Idempotency keys (draft-ietf-httpapi-idempotency-key-header). */
import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectExists, type ObjectStore } from '../../adapters/object-store/object-store.ts'
import type { JobType } from '../../workflows/contract/job.ts'
import { Problem } from '../problems.ts'

/** How long a key belongs to its request; then it can be used again. */
export const keyLifetimeMs = 24 * 60 * 60 * 1000

/** @throws {Problem} if the header is not a valid key: 1 to 255 printable ASCII characters */
export function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = header.trim()
  if (!/^[\x20-\x7e]{1,255}$/.test(key))
    throw new Problem('invalid_header', 'Expected an Idempotency-Key of 1 to 255 printable ASCII characters.')
  return key
}

/** Equal for equal requests, however they are written. */
export function fingerprint(request: unknown): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex')
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/**
 * Claims a key for requests of this type; the first claim wins. A job's ID contains its type, so Temporal's uniqueness of IDs
 * alone would let one key start a mosaic and a resize at the same moment.
 */
export async function claimKey(
  store: ObjectStore,
  claim: { caller: string; key: string; generation: number },
  type: JobType,
): Promise<{ type: JobType; claimedAt: Date }> {
  const { bucket, key } = layout.idempotencyKey(fingerprint(claim))
  try {
    await store.put(bucket, key, Buffer.from(type), { contentType: 'text/plain', mode: 'create' })
    return { type, claimedAt: new Date() }
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error
  }
  const { body, modifiedAt } = await store.get(bucket, key)
  return { type: (await buffer(body)).toString() as JobType, claimedAt: modifiedAt }
}
