/** Objects by reference, which travel through Temporal instead of pixels. */
import { open } from 'node:fs/promises'
import { wholeBody } from '../adapters/object-store/body.ts'
import type { Bucket, ObjectStore, PutOptions } from '../adapters/object-store/object-store.ts'

export interface ObjectRef {
  bucket: Bucket
  key: string
}

/** Reads a whole object into memory: only for objects of bounded size, such as an uploaded picture. */
export async function readObject(
  store: ObjectStore,
  { bucket, key }: ObjectRef,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { body } = await store.get(bucket, key, { signal })
  return await wholeBody(body)
}

/**
 * Stores a file of any size. It is opened beforehand: a read stream that opens the file itself may do so after the store has
 * failed and the step's folder is gone, and nobody would handle its error, which ends the process.
 *
 * @throws if there is no such file, and what the store throws
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
