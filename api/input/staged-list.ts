import { createHash } from 'node:crypto'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import type { ObjectRef } from '../../workflows/contract/job.ts'

/** Bytes of a list that travels with its job all the same. */
const shortest = 4096

/** A thousand addresses outgrow what may travel through Temporal: a list goes by way of the store, named by its SHA-256. */
export function stagedList<T>(store: ObjectStore, list: readonly T[]) {
  const bytes = Buffer.from(JSON.stringify(list))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  async function stage(jobId: string): Promise<ObjectRef> {
    const { bucket, key } = layout.work.sources(jobId, sha256)
    await store.put(bucket, key, bytes, { contentType: 'application/json' })
    return { bucket, key }
  }
  return {
    sha256,
    stage,
    /** The list itself where it is short. */
    stageIfLong: async (jobId: string): Promise<ObjectRef | T[]> =>
      bytes.length <= shortest ? [...list] : await stage(jobId),
  }
}
