/**
 * Ownership of jobs. Recorded in the object store before a job starts and never changed, so that it still holds when Temporal no
 * longer knows the job, or when it was deleted. Other people's jobs look like jobs that do not exist.
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

/** Per store, so that two apps in one process share nothing. */
const known = new WeakMap<ApiDependencies['store'], LRUCache<string, string>>()

/** Keys with the same name own the same jobs, whatever their scopes. */
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

/** Mosaics are public: the gallery shows them. */
const isShown = (id: string, path: string) => jobTypeOf(id) === 'mosaic' && /\/(files\/.*|result)$/.test(path)

/** `full`: may read and change the job; `look`: may read it; `none`: must not learn that it exists. */
export async function accessTo(
  deps: Store,
  { isolated, name }: Tenant,
  id: string,
): Promise<'full' | 'look' | 'none'> {
  if (!isolated || jobTypeOf(id) === undefined) return 'full'
  const owner = await ownerOf(deps, id)
  if (owner === name) return 'full'
  // Without an owner: started by a post, an inbox or a key without a name. Anonymous callers, where allowed, may read it by ID.
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
    // The preview would show a mosaic before a moderator has approved it.
    if (access === 'look' && /\/preview$/.test(path) && deps.environment.moderate.includes('mosaics'))
      throw new Problem(
        'not_finished',
        'No moderator has approved this mosaic yet, so there is nothing to show.',
      )
    if (access === 'look' && !isRead(method))
      throw new Problem(
        'insufficient_scope',
        `${id} has no owner, so changing it requires an API key with the scope operate.`,
      )
    await next()
  })
