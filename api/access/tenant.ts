/** The caller of a request: what they may see, and how much they may ask for. */
import type { Context } from 'hono'
import type { Scope } from '../../adapters/environment.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'

export interface Tenant {
  /** Its jobs are listed under this name; `undefined` if no keys are configured and all callers are alike. */
  name: string | undefined
  scopes: readonly Scope[]
  /** Sees only its own jobs and uploads. */
  isolated: boolean
  /** Owns what it creates. Not true of a key without a name, whose jobs can be read by anybody who has their IDs. */
  owns: boolean
  /** Tile libraries that it may use. Absent: all. */
  libraries?: readonly string[]
  /** @throws {Problem} `too_many_jobs` if it has as many open jobs as allowed */
  admit: () => Promise<void>
}

export const anonymous = 'anonymous'

/** Dependencies for the code behind a route, which stores and looks up everything for this tenant. */
export const onBehalfOf = (deps: ApiDependencies, c: Context<ApiEnv>): ApiDependencies => ({
  ...deps,
  tenant: c.get('tenant'),
})
