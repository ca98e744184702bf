/** Who a request is from, as far as it matters to what they may see and how much they may ask for. */
import type { Context } from 'hono'
import type { Scope } from '../../adapters/environment.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'

export interface Tenant {
  /** What its jobs are listed by; `undefined` where there are no keys and everybody is the same. */
  name: string | undefined
  scopes: readonly Scope[]
  /** Sees its own jobs and uploads, and nobody else's. */
  isolated: boolean
  /** What it makes is its own. Not so of a key without a name: who has one of its job's IDs may look. */
  owns: boolean
  /** Tile libraries that it may use. Absent: all. */
  libraries?: readonly string[]
  /** Of one body, at most. Absent: as many as anybody. */
  bodyBytes?: number
  /** @throws {Problem} `too_many_jobs` when it has as many open as it may */
  admit: () => Promise<void>
}

export const anonymous = 'anonymous'

/** Everything behind a route that stores or finds something does so for this tenant. */
export const onBehalfOf = (deps: ApiDependencies, c: Context<ApiEnv>): ApiDependencies => ({
  ...deps,
  tenant: c.get('tenant'),
})
