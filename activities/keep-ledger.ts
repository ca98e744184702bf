/** Keep ledger: records which jobs have ended, before Temporal's retention removes them. */
import { buffer } from 'node:stream/consumers'
import { log } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { removeOrder } from '../adapters/orders.ts'
import { withHeartbeat } from './heartbeat.ts'

/** A line of the ledger, as `GET /v1/jobs` returns it. */
export interface EndedJob {
  id: string
  type: string
  status: 'succeeded' | 'failed' | 'canceled'
  createdAt: string
  completedAt: string
  params: Record<string, unknown>
  metadata?: Record<string, string>
}

export interface Unread {
  /** Why the job's other data cannot be read, if it cannot. */
  unread?: string
}

/** Jobs in Temporal that ended after one moment and up to another, ms since 1970. */
export interface EndedJobs {
  count(after: number, upTo: number): Promise<number>
  /** In any order. A replayed job appears once per run. */
  list(after: number, upTo: number): AsyncIterable<EndedJob & Unread>
}

/** Temporal's visibility store is eventually consistent. A minute is long for it. */
const settleMs = 60_000
/** Lines per page of the ledger: about a megabyte. */
const pageLines = 5_000

export function createKeepLedger({
  store,
  endedJobs,
  now = Date.now,
}: {
  store: ObjectStore
  endedJobs: EndedJobs
  now?: () => number
}) {
  /** Continues where the last page ends. A page is named after its start, so writing one twice is harmless. */
  return async function keepLedger(): Promise<{ kept: number; unread?: number }> {
    return await withHeartbeat(async (report) => {
      const end = now() - settleMs
      let kept = 0
      let unread = 0
      for (let from = await lastPageEnds(); from < end; ) {
        let to = end
        while (to - from > 1 && (await endedJobs.count(from, to)) > pageLines)
          to = Math.floor((from + to) / 2)
        const jobs = await linesBetween(from, to)
        for (const { id, unread: reason } of jobs) {
          if (reason === undefined) continue
          // Without the key we still know, and record, that the job existed.
          unread++
          log.warn('recording a job in the ledger without its parameters', { jobId: id, reason })
        }
        const lines: EndedJob[] = jobs.map(({ unread: _, ...line }) => line)
        if (lines.length > 0) await write(layout.ledger.page(from), lines)
        // The job may have ended before its order was stored: then nobody else removes the order.
        for (const { id, type, status } of lines)
          if (status === 'succeeded' && type !== 'resize') await removeOrder(store, id)
        await write(layout.ledger.end, to)
        kept += lines.length
        report(kept, 0)
        from = to
      }
      return { kept, ...(unread > 0 && { unread }) }
    })
  }

  async function lastPageEnds(): Promise<number> {
    const { bucket, key } = layout.ledger.end
    try {
      return JSON.parse((await buffer((await store.get(bucket, key)).body)).toString()) as number
    } catch (error) {
      if (error instanceof ObjectNotFound) return 0
      throw error
    }
  }

  /** Newest first. */
  async function linesBetween(from: number, to: number): Promise<(EndedJob & Unread)[]> {
    const lines = new Map<string, EndedJob & Unread>()
    for await (const job of endedJobs.list(from, to)) {
      const known = lines.get(job.id)
      if (!known || known.completedAt < job.completedAt) lines.set(job.id, job)
    }
    return [...lines.values()].sort((a, b) => (a.completedAt < b.completedAt ? 1 : -1))
  }

  async function write({ bucket, key }: layout.Place, value: unknown): Promise<void> {
    await store.put(bucket, key, Buffer.from(JSON.stringify(value)), { contentType: 'application/json' })
  }
}
