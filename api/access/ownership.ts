/**
 * Whose a job is. Written down before the job begins and never changed, in the object store: it holds when Temporal has
 * forgotten the job, and when it was deleted. Somebody else's job is answered as one that there is not.
 */
import { buffer } from 'node:stream/consumers'
import { createMiddleware } from 'hono/factory'
import { LRUCache } from 'lru-cache'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { unknownJob } from '../jobs/find-job.ts'
import { jobTypeOf } from '../jobs/job-id.ts'
import { anonymous, type Tenant } from './tenant.ts'

type Store = Pick<ApiDependencies, 'store'>

/** By store, so that no two apps of one process share what they know. */
const known = new WeakMap<ApiDependencies['store'], LRUCache<string, string>>()

export async function claimJob({ store, tenant }: Store & { tenant?: Tenant }, id: string): Promise<void> {
  if (!tenant?.isolated || tenant.name === undefined) return
  const { bucket, key } = layout.owner(id)
  await store.put(bucket, key, Buffer.from(tenant.name), { contentType: 'text/plain' })
}

async function ownerOf({ store }: Store, id: string): Promise<string | undefined> {
  const cache = known.get(store) ?? new LRUCache<string, string>({ max: 10_000 })
  known.set(store, cache)
  const remembered = cache.get(id)
  if (remembered !== undefined) return remembered
  const { bucket, key } = layout.owner(id)
  try {
    const owner = (await buffer((await store.get(bucket, key)).body)).toString()
    cache.set(id, owner)
    return owner
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

/** Mosaics are shown in the gallery, for everybody. */
const isShown = (id: string, path: string) => jobTypeOf(id) === 'mosaic' && /\/(files\/.*|result)$/.test(path)

/** @param path of the request, which tells what of the job is asked for */
export async function isVisible(
  deps: Store,
  { isolated, name }: Tenant,
  id: string,
  path = '',
): Promise<boolean> {
  if (!isolated || jobTypeOf(id) === undefined || isShown(id, path)) return true
  const owner = await ownerOf(deps, id)
  // What nobody in particular owns is there for whoever knows its ID, where anybody is let in.
  return owner === name || (owner === undefined && name === anonymous)
}

/** For `/v1/jobs/:id` and everything below. @throws {Problem} `job_not_found` */
export const ownJobsOnly = (deps: ApiDependencies) =>
  createMiddleware<ApiEnv>(async (c, next) => {
    const id = c.req.param('id') ?? ''
    if (!(await isVisible(deps, c.get('tenant'), id, c.req.path))) throw unknownJob(id)
    await next()
  })
