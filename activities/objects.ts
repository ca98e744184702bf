/** Objects by reference: what travels through Temporal instead of pixels. */
import { open } from 'node:fs/promises'
import { wholeBody } from '../adapters/object-store/body.ts'
import type { Bucket, ObjectStore, PutOptions } from '../adapters/object-store/object-store.ts'

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
  return await wholeBody(body)
}

/**
 * A file of any size. It is opened first: a stream that opened by itself might do so after the store has refused, when the
 * step's folder is gone, and its error would be nobody's and end the process.
 *
 * @throws when there is no such file, and what the store throws
 */
export async function putFile(
  store: Pick<ObjectStore, 'put'>,
  { bucket, key }: ObjectRef,
  path: string,
  options: PutOptions,
): Promise<void> {
  const file = await open(path)
  const body = file.createReadStream()
  try {
    await store.put(bucket, key, body, options)
  } finally {
    // Closes the file, too.
    body.destroy()
  }
}
