/** Which tile libraries an API key is for: all of them, unless it is bound to some. */
import { createMiddleware } from 'hono/factory'
import type { ApiEnv } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { defaultLibrary } from '../schemas/job-request.ts'
import type { Tenant } from './tenant.ts'

type Bound = Pick<Tenant, 'libraries'> | undefined

/** `starter` is nobody's: everybody may look at it and have mosaics made of it. */
export const mayUse = (tenant: Bound, library: string): boolean =>
  library === defaultLibrary || mayAddTo(tenant, library)

const mayAddTo = (tenant: Bound, library: string) => tenant?.libraries?.includes(library) ?? true

/** @throws {Problem} `insufficient_scope`, whether there is such a library or not */
export function requireLibrary(tenant: Bound, library: string, what: 'use' | 'add' = 'use'): void {
  if (what === 'add' ? mayAddTo(tenant, library) : mayUse(tenant, library)) return
  throw new Problem(
    'insufficient_scope',
    `Expected a tile library that this API key is for (${tenant?.libraries?.join(', ')}), received ${JSON.stringify(library)}.`,
  )
}

/** For `/v1/tiles/:library` and everything below. */
export const ownLibrariesOnly = createMiddleware<ApiEnv>(async (c, next) => {
  requireLibrary(c.get('tenant'), c.req.param('library') ?? '')
  await next()
})
