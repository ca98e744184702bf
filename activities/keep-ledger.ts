/** Keep ledger: writes down which jobs have ended, before Temporal forgets them. */
import { buffer } from 'node:stream/consumers'
import { log } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { removeOrder } from '../adapters/orders.ts'
import { withHeartbeat } from './heartbeat.ts'

/** A line of the ledger, as `GET /v1/jobs` tells it. */
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
  /** Present: what else there is to know of a job cannot be read, and why. */
  unread?: string
}

/** What Temporal still knows of jobs that ended after one moment and up to another, ms since 1970. */
export interface EndedJobs {
  count(after: number, upTo: number): Promise<number>
  /** In any order. A job that was replayed comes once for each of its runs. */
  list(after: number, upTo: number): AsyncIterable<EndedJob & Unread>
}

/** Temporal's lists learn of an end a moment later; a minute is a long one. */
const settleMs = 60_000
/** Lines of one page of the ledger: about a megabyte. */
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
  /** Goes on where the last page ends. A page has its name from its beginning: one that is written twice is one page. */
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
          // That it was there is known without a key, and told.
          unread++
          log.warn('a job goes into the ledger without its parameters', { jobId: id, reason })
        }
        const lines: EndedJob[] = jobs.map(({ unread: _, ...line }) => line)
        if (lines.length > 0) await write(layout.ledger.page(from), lines)
        for (const { id, type, status } of lines) {
          if (status !== 'succeeded') continue
          // Of a job that was over before its order was written down: nobody else removes it.
          if (type !== 'resize') await removeOrder(store, id)
          // How it failed before it was replayed. Of others there is a result that says otherwise.
          if (type === 'tiles') await forgetFailure(id)
        }
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

  async function forgetFailure(id: string): Promise<void> {
    const { bucket, key } = layout.jobRecord(id)
    await store.delete(bucket, key)
  }

  /** The last one first. */
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
