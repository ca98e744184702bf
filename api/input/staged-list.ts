import { createHash } from 'node:crypto'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import type { ObjectRef } from '../../workflows/contract/job.ts'

/** Largest list that travels inline with its job, bytes. */
const shortest = 4096

/** Stages a list in the store under its SHA-256, because a thousand URLs are too large for Temporal's payloads. */
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
    /** Returns a short list itself. */
    stageIfLong: async (jobId: string): Promise<ObjectRef | T[]> =>
      bytes.length <= shortest ? [...list] : await stage(jobId),
  }
}
