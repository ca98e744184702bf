import { createHash } from 'node:crypto'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import type { ObjectRef } from '../../workflows/contract/job.ts'

/** A thousand addresses outgrow what may travel through Temporal: a list goes by way of the store, named by its SHA-256. */
export function stagedList(store: ObjectStore, list: readonly unknown[]) {
  const bytes = Buffer.from(JSON.stringify(list))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return {
    sha256,
    async stage(jobId: string): Promise<ObjectRef> {
      const { bucket, key } = layout.work.sources(jobId, sha256)
      await store.put(bucket, key, bytes, { contentType: 'application/json' })
      return { bucket, key }
    },
  }
}
