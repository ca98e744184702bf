/** Tile libraries that an API key may use: all, unless it is restricted to some. */
import { createMiddleware } from 'hono/factory'
import type { ApiEnv } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { defaultLibrary } from '../schemas/job-request.ts'
import type { Tenant } from './tenant.ts'

type Bound = Pick<Tenant, 'libraries'> | undefined

/** Everybody may use `starter`, which nobody owns. */
export const mayUse = (tenant: Bound, library: string): boolean =>
  library === defaultLibrary || mayAddTo(tenant, library)

const mayAddTo = (tenant: Bound, library: string) => tenant?.libraries?.includes(library) ?? true

/** @throws {Problem} `insufficient_scope`, whether or not the library exists */
export function requireLibrary(tenant: Bound, library: string, what: 'use' | 'add' = 'use'): void {
  if (what === 'add' ? mayAddTo(tenant, library) : mayUse(tenant, library)) return
  throw new Problem(
    'insufficient_scope',
    `Expected a tile library that this API key may use (${tenant?.libraries?.join(', ')}), received ${JSON.stringify(library)}.`,
  )
}

/** For `/v1/tiles/:library` and everything below. */
export const ownLibrariesOnly = createMiddleware<ApiEnv>(async (c, next) => {
  requireLibrary(c.get('tenant'), c.req.param('library') ?? '')
  await next()
})
