/** Bulk gather: writes the manifest of a bulk job or, in a replay, new batches of the pictures that failed before. */
import { Readable } from 'node:stream'
import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { removeOrder } from '../adapters/orders.ts'
import { type BulkItem, type Outcome, readOutcomes, writeBatch } from './bulk-items.ts'
import { withHeartbeat } from './heartbeat.ts'
import type { ObjectRef } from './objects.ts'

export interface BulkGatherInput {
  jobId: string
  batchSize: number
  items: number
  /** The last finished round. */
  round: number
}

export interface BulkResult {
  items: number
  succeeded: number
  failed: number
  /** The first 100 failures. */
  failures: { name: string; code: string; message: string }[]
  /** One line of JSON per picture, in the order of the request. */
  manifest: ObjectRef & { bytes: number }
}

/** Failures listed in the job itself, and the length of their texts in characters. The manifest has all of them in full. */
const namedAtMost = 100
const longestText = 200

export function createBulkGather({ store }: { store: ObjectStore }) {
  return async function bulkGather({
    jobId,
    batchSize,
    items,
    round,
  }: BulkGatherInput): Promise<{ batches: number } | { result: BulkResult }> {
    const signal = cancellationSignal()
    const { runId } = activityInfo().workflowExecution!
    return await withHeartbeat(async (report) => {
      const latest = await laterOutcomes(jobId, round, signal)
      const batches = await batchFailures(jobId, round, batchSize, latest, runId, signal)
      if (batches > 0) return { batches }

      const result = { items, succeeded: 0, failed: 0, failures: [] as BulkResult['failures'] }
      const lines = async function* () {
        for await (const { outcome } of allOutcomes(jobId, latest, signal)) {
          if (outcome.error) {
            result.failed++
            if (result.failures.length < namedAtMost) result.failures.push(failureOf(outcome))
          } else result.succeeded++
          report(result.succeeded + result.failed, items)
          const { source: _, ...line } = outcome
          yield `${JSON.stringify(line)}\n`
        }
      }
      const place = layout.bulk.manifest(jobId)
      const { size } = await store.put(
        place.bucket,
        place.key,
        Readable.from(lines(), { objectMode: false }),
        {
          contentType: 'application/x-ndjson',
          signal,
        },
      )
      const answer: BulkResult = { ...result, manifest: { ...place, bytes: size } }
      // Stored because it must outlive the job's history.
      const { bucket, key } = layout.bulk.summary(jobId)
      await store.put(bucket, key, Buffer.from(JSON.stringify(answer)), { contentType: 'application/json' })
      await removeOrder(store, jobId)
      // A replay of the failed pictures needs these lists.
      if (result.failed === 0) await deleteAll(store, layout.work.prefix(jobId))
      return { result: answer }
    })
  }

  /** Outcomes of the rounds after the first, by index: few enough to hold in memory. */
  async function laterOutcomes(jobId: string, round: number, signal: AbortSignal) {
    const latest = new Map<number, { run: string; outcome: Outcome }>()
    for (let later = 1; later <= round; later++)
      for await (const { run, outcomes } of readOutcomes(store, jobId, later, signal))
        for (const outcome of outcomes) latest.set(outcome.index, { run, outcome })
    return latest
  }

  async function* allOutcomes(
    jobId: string,
    latest: Map<number, { run: string; outcome: Outcome }>,
    signal: AbortSignal,
  ) {
    for await (const { run, outcomes } of readOutcomes(store, jobId, 0, signal))
      for (const outcome of outcomes) yield latest.get(outcome.index) ?? { run, outcome }
  }

  /** Writes batches for the next round: pictures that failed in an earlier run get another attempt when the job is replayed. */
  async function batchFailures(
    jobId: string,
    round: number,
    batchSize: number,
    latest: Map<number, { run: string; outcome: Outcome }>,
    runId: string,
    signal: AbortSignal,
  ): Promise<number> {
    let batch: BulkItem[] = []
    let batches = 0
    for await (const { run, outcome } of allOutcomes(jobId, latest, signal)) {
      if (!outcome.error || !outcome.source || run === runId) continue
      batch.push({ index: outcome.index, name: outcome.name, source: outcome.source })
      if (batch.length < batchSize) continue
      await writeBatch(store, jobId, round + 1, batches++, batch)
      batch = []
    }
    if (batch.length > 0) await writeBatch(store, jobId, round + 1, batches++, batch)
    return batches
  }
}

const failureOf = ({ name, error }: Outcome) => ({
  name: name.slice(0, longestText),
  code: error?.code ?? 'internal',
  message: (error?.message ?? '').slice(0, longestText),
})
