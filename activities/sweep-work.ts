/** Sweep work: removes what is left of jobs that ended without success, once Temporal has forgotten them and nobody can replay them. */
import { cancellationSignal } from '@temporalio/activity'
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { objectsUnder } from '../adapters/object-store/objects-under.ts'
import { removeOrder } from '../adapters/orders.ts'
import { withHeartbeat } from './heartbeat.ts'

/** Jobs that Temporal still knows. */
export interface KnownJobs {
  knows(id: string): Promise<boolean>
}

/** ms. Younger objects may belong to a job that is just being started. Temporal keeps histories for at least a day. */
const settledMs = 24 * 3_600_000

/** Prefixes of job IDs. */
const families = ['mosaic-', 'resize-', 'tiles-', 'bulk-']

interface Left {
  id: string
  /** Of its first object. */
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

  /** With a replay while Temporal knows it, or with `mosaicme restore` after Temporal's database was lost: see `docs/backup.md`. */
  async function mayGoOn(id: string): Promise<boolean> {
    if (await knownJobs.knows(id)) return true
    if (!(await isThere(layout.order(id)))) return false
    return !(await isThere(layout.jobRecord(id))) && !(await isThere(layout.mosaic.record(id)))
  }

  async function isThere({ bucket, key }: layout.Place): Promise<boolean> {
    return (await store.head(bucket, key)) !== undefined
  }

  /** Jobs with staged objects. Skips from job to job, so that one with a million objects takes a single listing. */
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
      // "0" is the byte after "/": this skips all keys of this job, and of no other.
      if (last !== undefined) after = `${last}0`
      else if (objects.length > 0) after = objects.at(-1)!.key
      else return
    }
  }

  async function* ordered(): AsyncGenerator<Left> {
    for await (const { key, modifiedAt } of objectsUnder(store, layout.orders))
      yield { id: key.slice(layout.orders.key.length, -'.json'.length), modifiedAt }
  }
}
