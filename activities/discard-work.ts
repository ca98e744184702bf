/** Discard work: removes a job's staged work and its accepted order once nobody needs them. */
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { removeOrder } from '../adapters/orders.ts'

export function createDiscardWork({ store }: { store: ObjectStore }) {
  return async function discardWork({ jobId }: { jobId: string }): Promise<void> {
    await removeOrder(store, jobId)
    await deleteAll(store, layout.work.prefix(jobId))
  }
}
