/** Bulk gather: the manifest of a bulk job; or, in a replay, the batches of those pictures that failed before. */
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
  /** The last round that was done. */
  round: number
}

export interface BulkResult {
  items: number
  succeeded: number
  failed: number
  /** The first of those that failed. */
  failures: { name: string; code: string; message: string }[]
  /** A line of JSON for each picture, in the order in which they were named. */
  manifest: ObjectRef & { bytes: number }
}

/** Failures that the job itself names; all are in the manifest. Characters of what it says of each. */
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
      const batches = await dealAgain(jobId, round, batchSize, latest, runId, signal)
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
      // The answer outlives the job's history.
      const { bucket, key } = layout.bulk.summary(jobId)
      await store.put(bucket, key, Buffer.from(JSON.stringify(answer)), { contentType: 'application/json' })
      await removeOrder(store, jobId)
      // Those that failed can be tried again, for which the lists are needed.
      if (result.failed === 0) await deleteAll(store, layout.work.prefix(jobId))
      return { result: answer }
    })
  }

  /** What rounds after the first say: a few, compared with all. By index. */
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

  /** A failure of an earlier run: somebody replays the job, so that it gets another try. */
  async function dealAgain(
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
