/** Objects by reference: what travels through Temporal instead of pixels. */
import { buffer } from 'node:stream/consumers'
import type { Bucket, ObjectStore } from '../adapters/object-store/object-store.ts'

export interface ObjectRef {
  bucket: Bucket
  key: string
}

/** The whole object in memory: only for what has a bound, such as an uploaded picture. */
export async function readObject(
  store: ObjectStore,
  { bucket, key }: ObjectRef,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { body } = await store.get(bucket, key, { signal })
  return await buffer(body)
}
