/** Discard work: removes what a job staged for itself once nobody needs it. */
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'

export function createDiscardWork({ store }: { store: ObjectStore }) {
  return async function discardWork({ jobId }: { jobId: string }): Promise<void> {
    await deleteAll(store, layout.work.prefix(jobId))
  }
}
