/** Expire results: removes resized pictures that are older than they are kept for, and leaves word that they were there. */
import { cancellationSignal } from '@temporalio/activity'
import { deleteAll } from '../adapters/object-store/delete-all.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectInfo, ObjectStore } from '../adapters/object-store/object-store.ts'
import { withHeartbeat } from './heartbeat.ts'

export interface ExpireResultsInput {
  /** What is older goes, ms. */
  olderThanMs: number
}

export interface Expired {
  /** Jobs whose results are gone. */
  jobs: number
  /** Other pictures: made for signed addresses, or notes on how to find them. */
  others: number
}

export function createExpireResults({ store, now = Date.now }: { store: ObjectStore; now?: () => number }) {
  return async function expireResults({ olderThanMs }: ExpireResultsInput): Promise<Expired> {
    const signal = cancellationSignal()
    const before = now() - olderThanMs
    return await withHeartbeat(async (report) => {
      const expired: Expired = { jobs: 0, others: 0 }
      const told = () => report(expired.jobs + expired.others, 0)
      for (const { prefix, idOf } of families) {
        for await (const { id, latest, objects } of byJob(prefix, idOf)) {
          signal.throwIfAborted()
          if (latest >= before) continue
          // First the word, then the deed: who asks in between is told the truth a moment early.
          const marker = layout.expired(id)
          await store.put(marker.bucket, marker.key, new Uint8Array())
          if (objects) await store.delete('small', objects)
          else await deleteAll(store, layout.bulk.file(id, ''))
          expired.jobs++
          told()
        }
      }
      for (const prefix of [layout.signedPicture('').key, layout.resizeMemoryPrefix.key]) {
        for await (const page of pages(prefix)) {
          signal.throwIfAborted()
          const old = page.filter(({ modifiedAt }) => modifiedAt.getTime() < before).map(({ key }) => key)
          if (old.length > 0) await store.delete('small', old)
          expired.others += old.length
          told()
        }
      }
      return expired
    })
  }

  /** Objects lie in the order of their keys, a job's beside each other: one job is in hand at a time. */
  async function* byJob(prefix: string, idOf: (rest: string) => string | undefined) {
    let id: string | undefined
    let latest = 0
    let objects: string[] | undefined
    for await (const page of pages(prefix)) {
      for (const { key, modifiedAt } of page) {
        const found = idOf(key.slice(prefix.length))
        if (found === undefined) continue
        if (id !== undefined && found !== id) yield { id, latest, objects }
        if (found !== id) {
          id = found
          latest = 0
          objects = []
        }
        latest = Math.max(latest, modifiedAt.getTime())
        // A bulk job may have a million: those are listed again when they go.
        if (objects && objects.push(key) > 1_000) objects = undefined
      }
    }
    if (id !== undefined) yield { id, latest, objects }
  }

  async function* pages(prefix: string): AsyncGenerator<ObjectInfo[]> {
    let after: string | undefined
    do {
      const { objects, next } = await store.list('small', { prefix, ...(after !== undefined && { after }) })
      yield objects
      after = next
    } while (after !== undefined)
  }
}

/** `resized/ID.jpg`, `resized/ID/NAME.jpg`, `bulk/ID/…`. */
const families = [
  { prefix: 'resized/', idOf: (rest: string) => /^(resize-[a-z0-9-]+)[./]/.exec(rest)?.[1] },
  { prefix: 'bulk/', idOf: (rest: string) => /^(bulk-[a-z0-9-]+)\//.exec(rest)?.[1] },
]
