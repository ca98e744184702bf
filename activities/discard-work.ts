/** Discard work: removes what a job staged for itself once nobody needs it. */
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import type { ObjectRef } from './objects.ts'

export function createDiscardWork({ store }: { store: ObjectStore }) {
  return async function discardWork({ jobId }: { jobId: string }): Promise<void> {
    await deleteAll(store, layout.work.prefix(jobId))
  }
}

/** Every object whose key starts so. */
export async function deleteAll(store: ObjectStore, { bucket, key: prefix }: ObjectRef): Promise<void> {
  for (;;) {
    const { objects } = await store.list(bucket, { prefix })
    if (objects.length === 0) return
    await store.delete(
      bucket,
      objects.map(({ key }) => key),
    )
  }
}
