/**
 * Orders: accepted, unfinished jobs in the object store. Needed only if Temporal's database is lost: they say which jobs were
 * in progress.
 */
import { buffer } from 'node:stream/consumers'
import * as layout from './object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from './object-store/object-store.ts'
import { objectsUnder } from './object-store/objects-under.ts'

type Store = Pick<ObjectStore, 'put' | 'get' | 'list' | 'delete'>

/** @param job any JSON value */
export async function writeOrder(store: Store, id: string, job: object): Promise<void> {
  const { bucket, key } = layout.order(id)
  await store.put(bucket, key, Buffer.from(JSON.stringify(job)), { contentType: 'application/json' })
}

/** A repeat is a no-op. */
export async function removeOrder(store: Store, id: string): Promise<void> {
  const { bucket, key } = layout.order(id)
  await store.delete(bucket, key)
}

/** Ordered by ID, which is the order of acceptance for jobs without an Idempotency-Key. */
export async function* readOrders(store: Store): AsyncGenerator<{ acceptedAt: Date; job: unknown }> {
  for await (const { key, modifiedAt } of objectsUnder(store, layout.orders)) {
    const job = await read(store, key)
    if (job !== undefined) yield { acceptedAt: modifiedAt, job }
  }
}

/** `undefined`: its job has ended since it was listed. */
async function read(store: Store, key: string): Promise<unknown> {
  try {
    const { body } = await store.get('in', key)
    return JSON.parse((await buffer(body)).toString())
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}
