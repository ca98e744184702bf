import type { Place } from './layout.ts'
import type { Bucket, ObjectStore } from './object-store.ts'

/** Deletes objects, and everything under the keys that end in `/`. A repeat is a no-op. */
export async function deleteAll(store: ObjectStore, ...places: Place[]): Promise<void> {
  const keys = new Map<Bucket, string[]>()
  for (const { bucket, key } of places)
    if (!key.endsWith('/')) keys.set(bucket, [...(keys.get(bucket) ?? []), key])
  for (const [bucket, objects] of keys) await store.delete(bucket, objects)
  for (const place of places) if (place.key.endsWith('/')) await deleteFolder(store, place)
}

async function deleteFolder(store: ObjectStore, { bucket, key: prefix }: Place): Promise<void> {
  for (;;) {
    const { objects } = await store.list(bucket, { prefix })
    if (objects.length === 0) return
    await store.delete(
      bucket,
      objects.map(({ key }) => key),
    )
  }
}
