/** Expire results: removes resized pictures that have outlived their retention, and leaves a marker for each job. */
import { cancellationSignal } from '@temporalio/activity'
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { objectsUnder, pagesUnder } from '../adapters/object-store/objects-under.ts'
import { withHeartbeat } from './heartbeat.ts'

export interface ExpireResultsInput {
  /** Maximum age, ms. */
  olderThanMs: number
}

export interface Expired {
  /** Jobs whose results were removed. */
  jobs: number
  /** Other objects removed: pictures of signed addresses, and entries of the resize cache. */
  others: number
}

export function createExpireResults({ store, now = Date.now }: { store: ObjectStore; now?: () => number }) {
  return async function expireResults({ olderThanMs }: ExpireResultsInput): Promise<Expired> {
    const signal = cancellationSignal()
    const before = now() - olderThanMs
    return await withHeartbeat(async (report) => {
      const expired: Expired = { jobs: 0, others: 0 }
      const reportProgress = () => report(expired.jobs + expired.others, 0)
      for (const { prefix, idOf } of families) {
        for await (const { id, latest, objects } of byJob(prefix, idOf)) {
          signal.throwIfAborted()
          if (latest >= before) continue
          // The marker first: a read in between learns of the expiry a moment early instead of finding nothing.
          const marker = layout.expired(id)
          await store.put(marker.bucket, marker.key, new Uint8Array())
          if (objects) await store.delete('small', objects)
          else await deleteAll(store, layout.bulk.file(id, ''))
          expired.jobs++
          reportProgress()
        }
      }
      for (const place of [layout.signedPicture(''), layout.resizeMemoryPrefix]) {
        for await (const page of pagesUnder(store, place)) {
          signal.throwIfAborted()
          const old = page.filter(({ modifiedAt }) => modifiedAt.getTime() < before).map(({ key }) => key)
          if (old.length > 0) await store.delete('small', old)
          expired.others += old.length
          reportProgress()
        }
      }
      return expired
    })
  }

  /** Keys are listed in order, so a job's objects are adjacent and one job at a time is held in memory. */
  async function* byJob(prefix: string, idOf: (rest: string) => string | undefined) {
    let id: string | undefined
    let latest = 0
    let objects: string[] | undefined
    for await (const { key, modifiedAt } of objectsUnder(store, { bucket: 'small', key: prefix })) {
      const found = idOf(key.slice(prefix.length))
      if (found === undefined) continue
      if (id !== undefined && found !== id) yield { id, latest, objects }
      if (found !== id) {
        id = found
        latest = 0
        objects = []
      }
      latest = Math.max(latest, modifiedAt.getTime())
      // A bulk job may have a million objects: these are listed again when they are deleted.
      if (objects && objects.push(key) > 1_000) objects = undefined
    }
    if (id !== undefined) yield { id, latest, objects }
  }
}

/** `resized/ID.jpg`, `resized/ID/NAME.jpg`, `bulk/ID/…`. */
const families = [
  { prefix: 'resized/', idOf: (rest: string) => /^(resize-[a-z0-9-]+)[./]/.exec(rest)?.[1] },
  { prefix: 'bulk/', idOf: (rest: string) => /^(bulk-[a-z0-9-]+)\//.exec(rest)?.[1] },
]
