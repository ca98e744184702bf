import type { Bucket, ObjectStore } from './object-store.ts'

/** Deletes every object whose key starts so. A repeat is a no-op. */
export async function deleteAll(
  store: ObjectStore,
  { bucket, key: prefix }: { bucket: Bucket; key: string },
): Promise<void> {
  for (;;) {
    const { objects } = await store.list(bucket, { prefix })
    if (objects.length === 0) return
    await store.delete(
      bucket,
      objects.map(({ key }) => key),
    )
  }
}
