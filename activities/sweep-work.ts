/** Sweep work: removes what is left of jobs that ended without success, once Temporal has forgotten them and nobody can replay them. */
import { cancellationSignal } from '@temporalio/activity'
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { removeOrder } from '../adapters/orders.ts'
import { withHeartbeat } from './heartbeat.ts'

/** What Temporal still knows. */
export interface KnownJobs {
  knows(id: string): Promise<boolean>
}

/** ms: what is younger may be of a job that is just being started. Temporal keeps histories for a day at the least. */
const settledMs = 24 * 3_600_000

/** How the IDs of jobs begin. */
const families = ['mosaic-', 'resize-', 'tiles-', 'bulk-']

interface Left {
  id: string
  /** Of the first of its objects. */
  modifiedAt: Date
}

export function createSweepWork({
  store,
  knownJobs,
  now = Date.now,
}: {
  store: ObjectStore
  knownJobs: KnownJobs
  now?: () => number
}) {
  return async function sweepWork(): Promise<{ jobs: number }> {
    const signal = cancellationSignal()
    return await withHeartbeat(async (report) => {
      const swept = new Set<string>()
      const sweep = async (left: AsyncIterable<Left>) => {
        for await (const { id, modifiedAt } of left) {
          signal.throwIfAborted()
          if (now() - modifiedAt.getTime() < settledMs || (await mayGoOn(id))) continue
          await deleteAll(store, layout.work.prefix(id))
          await removeOrder(store, id)
          report(swept.add(id).size, 0)
        }
      }
      for (const family of families) await sweep(staged(family))
      await sweep(ordered())
      return { jobs: swept.size }
    })
  }

  /** By a replay while Temporal knows it; or, when Temporal's database was lost, by `mosaicme restore`: see `docs/backup.md`. */
  async function mayGoOn(id: string): Promise<boolean> {
    if (await knownJobs.knows(id)) return true
    if (!(await isThere(layout.order(id)))) return false
    return !(await isThere(layout.jobRecord(id))) && !(await isThere(layout.mosaic.record(id)))
  }

  async function isThere({ bucket, key }: layout.Place): Promise<boolean> {
    return (await store.head(bucket, key)) !== undefined
  }

  /** Jobs that have anything staged: a listing of a page for each few, however much that is. */
  async function* staged(family: string): AsyncGenerator<Left> {
    let after: string | undefined
    for (;;) {
      const { objects } = await store.list('in', { prefix: family, ...(after !== undefined && { after }) })
      let last: string | undefined
      for (const { key, modifiedAt } of objects) {
        const [id = '', inside] = key.split('/', 2)
        if (inside === undefined || id === last) continue
        last = id
        yield { id, modifiedAt }
      }
      // "0" is the byte behind "/": it jumps over all keys of this job and over no other's.
      if (last !== undefined) after = `${last}0`
      else if (objects.length > 0) after = objects.at(-1)!.key
      else return
    }
  }

  async function* ordered(): AsyncGenerator<Left> {
    const { bucket, key: prefix } = layout.orders
    let after: string | undefined
    do {
      const { objects, next } = await store.list(bucket, { prefix, ...(after !== undefined && { after }) })
      for (const { key, modifiedAt } of objects)
        yield { id: key.slice(prefix.length, -'.json'.length), modifiedAt }
      after = next
    } while (after !== undefined)
  }
}
