/** Expire uploads: removes pictures that were handed in and that no job will ask for any more. */
import { cancellationSignal, log } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import {
  type Bucket,
  type ObjectInfo,
  ObjectNotFound,
  type ObjectStore,
} from '../adapters/object-store/object-store.ts'
import { readOrders } from '../adapters/orders.ts'
import { renewedWithinMs } from '../adapters/uploads.ts'
import { withHeartbeat } from './heartbeat.ts'
import { readObject } from './objects.ts'

export interface ExpireUploadsInput {
  /** What nobody has handed in or named for so long goes, ms. */
  olderThanMs: number
  /** SHA-256 of uploads that stay: presets name them. */
  kept: readonly string[]
}

/** Jobs that may still read what they were given: unfinished ones, and those that a replay would let go on. */
export interface LastingJobs {
  list(): AsyncIterable<LastingJob>
}

export interface LastingJob {
  id: string
  acceptedAt: Date
  /** What it was started with. */
  arg?: unknown
  /** Present: that cannot be read, and why. */
  unread?: string
}

/**
 * For the API an upload is gone when its time is over, and here so much later, ms: who has found it a moment before has made
 * it young by then.
 */
const graceMs = 600_000

const prefix = layout.upload('').key
const named = new RegExp(`${prefix}([0-9a-f]{64})`, 'g')

export function createExpireUploads({
  store,
  lastingJobs,
  now = Date.now,
}: {
  store: ObjectStore
  lastingJobs: LastingJobs
  now?: () => number
}) {
  return async function expireUploads({
    olderThanMs,
    kept,
  }: ExpireUploadsInput): Promise<{ uploads: number; unread?: number }> {
    const signal = cancellationSignal()
    const before = now() - olderThanMs - graceMs
    return await withHeartbeat(async (report) => {
      const needed = new Set(kept)
      const need = async (arg: unknown) => {
        signal.throwIfAborted()
        for (const sha256 of await uploadsOf(arg, signal)) needed.add(sha256)
      }
      const unread = new Map<string, LastingJob>()
      for await (const job of lastingJobs.list()) {
        if (job.unread === undefined) await need(job.arg)
        else unread.set(job.id, job)
      }
      // Of a job that Temporal has lost, and that may be restored. It is written down in plain words.
      for await (const { job } of readOrders(store)) {
        const { id = '', arg } = job as { id?: string; arg?: unknown }
        await need(arg)
        unread.delete(id)
      }
      const mayBeNeeded = neededBy([...unread.values()])
      // What an inbox has taken in and is on its way into a library: no job names it.
      for await (const page of pages(layout.inboxes.key))
        for (const { key } of page)
          if (layout.inbox.isList(key)) await need({ sources: { bucket: 'in', key } })

      let uploads = 0
      const isOld = ({ modifiedAt }: ObjectInfo) => modifiedAt.getTime() < before
      for await (const page of pages(prefix)) {
        signal.throwIfAborted()
        for (const info of page) {
          if (!isOld(info) || mayBeNeeded(info) || needed.has(info.key.slice(prefix.length))) continue
          signal.throwIfAborted()
          // Somebody may have handed it in again since the page was made.
          const still = await store.head('in', info.key)
          if (!still || !isOld(still)) continue
          await store.delete('in', info.key)
          report(++uploads, 0)
        }
      }
      for await (const page of pages(layout.uploadClaims.key))
        for (const info of page) {
          signal.throwIfAborted()
          const sha256 = info.key.slice(info.key.lastIndexOf('/') + 1)
          if (!isOld(info) || (await store.head('in', layout.upload(sha256).key))) continue
          const still = await store.head('in', info.key)
          if (still && isOld(still)) await store.delete('in', info.key)
        }
      return { uploads, ...(unread.size > 0 && { unread: unread.size }) }
    })
  }

  /** Whatever looks like one in what a job was started with, and in the list that this names. */
  async function uploadsOf(arg: unknown, signal: AbortSignal): Promise<string[]> {
    const texts = [JSON.stringify(arg) ?? '']
    for (const list of listsOf(arg)) {
      try {
        texts.push(Buffer.from(await readObject(store, list, signal)).toString())
      } catch (error) {
        // Taken away with the job's other work: it has succeeded.
        if (!(error instanceof ObjectNotFound)) throw error
      }
    }
    return texts.flatMap((text) => [...text.matchAll(named)].map(([, sha256]) => sha256!))
  }

  async function* pages(prefix: string): AsyncGenerator<ObjectInfo[]> {
    let after: string | undefined
    do {
      const { objects, next } = await store.list('in', { prefix, ...(after !== undefined && { after }) })
      yield objects
      after = next
    } while (after !== undefined)
  }
}

/**
 * What jobs may need of which nobody can read what they need: an upload that was named was made young, so those that are
 * older than the first of these jobs are none of theirs. All others stay, until the key is here or Temporal forgets the jobs.
 */
function neededBy(unread: readonly LastingJob[]): (info: ObjectInfo) => boolean {
  const [first] = unread.toSorted((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime())
  if (!first) return () => false
  const since = new Date(first.acceptedAt.getTime() - renewedWithinMs - graceMs)
  log.warn('uploads are kept for jobs of which cannot be read what they need', {
    ...{ jobs: unread.length, jobId: first.id, since: since.toISOString(), reason: first.unread },
  })
  return ({ modifiedAt }) => modifiedAt >= since
}

interface Ref {
  bucket: Bucket
  key: string
}

/** Of a bulk job, of a `tiles` job. Short ones are in what it was started with. */
function listsOf(arg: unknown): Ref[] {
  const { source, sources } = (arg ?? {}) as { source?: { list?: Ref }; sources?: Ref | unknown[] }
  return [source?.list, Array.isArray(sources) ? undefined : sources].filter((list) => list !== undefined)
}
