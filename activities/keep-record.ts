/** Keep record: stores what reads of a job without a result need once Temporal's retention has removed it. */
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'

export interface JobRecord {
  id: string
  status: 'failed' | 'canceled'
  params: Record<string, unknown>
  metadata?: Record<string, string>
  error?: { code: string; message: string; retryable: boolean; stage?: string }
  /** RFC 3339, as are the others. */
  createdAt: string
  startedAt: string
  completedAt: string
}

export function createKeepRecord({ store }: { store: ObjectStore }) {
  return async function keepRecord(record: JobRecord): Promise<void> {
    const { bucket, key } = layout.jobRecord(record.id)
    // A replayed job may fail again: the last end counts.
    await store.put(bucket, key, Buffer.from(JSON.stringify(record)), { contentType: 'application/json' })
  }
}
