/** Expire uploads: removes uploaded pictures that no job will need any more. */
import { cancellationSignal, log } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import {
  type Bucket,
  type ObjectInfo,
  ObjectNotFound,
  type ObjectStore,
} from '../adapters/object-store/object-store.ts'
import { objectsUnder } from '../adapters/object-store/objects-under.ts'
import { readOrders } from '../adapters/orders.ts'
import { renewedWithinMs } from '../adapters/uploads.ts'
import { withHeartbeat } from './heartbeat.ts'
import { readObject } from './objects.ts'

export interface ExpireUploadsInput {
  /** Maximum age since an upload was last sent or referred to, ms. */
  olderThanMs: number
  /** SHA-256 of uploads that never expire: presets refer to them. */
  kept: readonly string[]
}

/** Jobs that may still read their input: unfinished ones, and failed ones that can be replayed. */
export interface LastingJobs {
  list(): AsyncIterable<LastingJob>
}

export interface LastingJob {
  id: string
  acceptedAt: Date
  /** The workflow's argument. */
  arg?: unknown
  /** Why the argument cannot be read, if it cannot. */
  unread?: string
}

/**
 * Uploads are deleted this much later than the API treats them as expired, ms: a request that found one just in time has
 * renewed it by then.
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
      // Jobs that Temporal has lost, but that may be restored. Their orders are never encrypted.
      for await (const { job } of readOrders(store)) {
        const { id = '', arg } = job as { id?: string; arg?: unknown }
        await need(arg)
        unread.delete(id)
      }
      const mayBeNeeded = neededBy([...unread.values()])
      // Pictures that an inbox is passing on to a library: no job refers to them.
      for await (const { bucket, key } of objectsUnder(store, layout.inboxes))
        if (layout.inbox.isList(key)) await need({ sources: { bucket, key } })

      let uploads = 0
      const isOld = ({ modifiedAt }: ObjectInfo) => modifiedAt.getTime() < before
      for await (const info of objectsUnder(store, layout.upload(''))) {
        signal.throwIfAborted()
        if (!isOld(info) || mayBeNeeded(info) || needed.has(info.key.slice(prefix.length))) continue
        // It may have been uploaded again since it was listed.
        const still = await store.head('in', info.key)
        if (!still || !isOld(still)) continue
        await store.delete('in', info.key)
        report(++uploads, 0)
      }
      for await (const info of objectsUnder(store, layout.uploadClaims)) {
        signal.throwIfAborted()
        const sha256 = info.key.slice(info.key.lastIndexOf('/') + 1)
        if (!isOld(info) || (await store.head('in', layout.upload(sha256).key))) continue
        const still = await store.head('in', info.key)
        if (still && isOld(still)) await store.delete('in', info.key)
      }
      return { uploads, ...(unread.size > 0 && { unread: unread.size }) }
    })
  }

  /** Everything that looks like an upload's key in a job's argument, or in the lists that the argument refers to. */
  async function uploadsOf(arg: unknown, signal: AbortSignal): Promise<string[]> {
    const texts = [JSON.stringify(arg) ?? '']
    for (const list of listsOf(arg)) {
      try {
        texts.push(Buffer.from(await readObject(store, list, signal)).toString())
      } catch (error) {
        // Discarded with the job's other work, because the job succeeded.
        if (!(error instanceof ObjectNotFound)) throw error
      }
    }
    return texts.flatMap((text) => [...text.matchAll(named)].map(([, sha256]) => sha256!))
  }
}

/**
 * Which uploads to keep for jobs whose arguments cannot be read. Referring to an upload renews it, so anything older than the
 * first of these jobs is not theirs. All others stay until the key is available or Temporal's retention removes the jobs.
 */
function neededBy(unread: readonly LastingJob[]): (info: ObjectInfo) => boolean {
  const [first] = unread.toSorted((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime())
  if (!first) return () => false
  const since = new Date(first.acceptedAt.getTime() - renewedWithinMs - graceMs)
  log.warn('keeping uploads that jobs with unreadable input may need', {
    ...{ jobs: unread.length, jobId: first.id, since: since.toISOString(), reason: first.unread },
  })
  return ({ modifiedAt }) => modifiedAt >= since
}

interface Ref {
  bucket: Bucket
  key: string
}

/** Lists of a bulk job or a `tiles` job. Short lists are inline in the argument. */
function listsOf(arg: unknown): Ref[] {
  const { source, sources } = (arg ?? {}) as { source?: { list?: Ref }; sources?: Ref | unknown[] }
  return [source?.list, Array.isArray(sources) ? undefined : sources].filter((list) => list !== undefined)
}
