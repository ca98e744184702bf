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
import { Problem } from '../problems.ts'
import { isRead } from './scopes.ts'
import { anonymous, type Tenant } from './tenant.ts'

type Store = Pick<ApiDependencies, 'store'>

/** By store, so that no two apps of one process share what they know. */
const known = new WeakMap<ApiDependencies['store'], LRUCache<string, string>>()

/** Keys of one name see the same jobs, whatever else each of them may. */
export async function claimJob({ store, tenant }: Store & { tenant?: Tenant }, id: string): Promise<void> {
  if (!tenant?.owns || tenant.name === undefined) return
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

/** `full`: a job may be looked at and changed; `look`: the former; `none`: who asks is not to know of it. */
export async function accessTo(
  deps: Store,
  { isolated, name }: Tenant,
  id: string,
): Promise<'full' | 'look' | 'none'> {
  if (!isolated || jobTypeOf(id) === undefined) return 'full'
  const owner = await ownerOf(deps, id)
  if (owner === name) return 'full'
  // Posts and inboxes bring it, or a key without a name: for whoever knows its ID, where anybody is let in.
  return owner === undefined && name === anonymous ? 'look' : 'none'
}

/** For `/v1/jobs/:id` and everything below. @throws {Problem} `job_not_found`, `not_finished`, `insufficient_scope` */
export const ownJobsOnly = (deps: ApiDependencies) =>
  createMiddleware<ApiEnv>(async (c, next) => {
    const { method, path } = c.req
    const id = c.req.param('id') ?? ''
    if (isShown(id, path)) return await next()
    const access = await accessTo(deps, c.get('tenant'), id)
    if (access === 'none') throw unknownJob(id)
    // What a moderator is to see first would be seen before that.
    if (access === 'look' && /\/preview$/.test(path) && deps.environment.moderate.includes('mosaics'))
      throw new Problem(
        'not_finished',
        'Expected a mosaic that a moderator has let in: there is nothing to see yet.',
      )
    if (access === 'look' && !isRead(method))
      throw new Problem(
        'insufficient_scope',
        `${id} has no owner, so this requires an API key with the scope operate.`,
      )
    await next()
  })
