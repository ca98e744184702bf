import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { callTemporal } from './temporal-call.ts'

/** How long a count is good for. In between, this process counts what it starts itself. */
const freshMs = 1000

/**
 * Refuses new jobs while too many are open (429), so that the backlog stays one that the workers can get through.
 * Counted by visibility, which lags by a moment: a limit for floods, not an exact one.
 */
export function createOpenJobs(deps: ApiDependencies) {
  const { client, environment } = deps
  const limit = environment.limits.openJobs
  let counted: Promise<number> | undefined
  let countedAt = 0
  let startedSince = 0

  function count(): Promise<number> {
    if (counted === undefined || Date.now() - countedAt > freshMs) {
      countedAt = Date.now()
      startedSince = 0
      counted = callTemporal(client, async () => {
        const query = `WorkflowType IN ('mosaic', 'resize', 'tiles', 'bulk') AND ExecutionStatus = 'Running'`
        return (await client.workflow.count(query)).count
      })
      // A failed count is asked again by the next request.
      counted.catch(() => {
        counted = undefined
      })
    }
    return counted
  }

  return {
    limit,
    count: async () => (await count()) + startedSince,
    /** @throws {Problem} `too_many_jobs` */
    async admit(): Promise<void> {
      const open = (await count()) + startedSince
      if (open >= limit)
        throw new Problem(
          'too_many_jobs',
          `${open} jobs are open, at most ${limit} may be. Try again later.`,
          {
            headers: { 'Retry-After': '10' },
          },
        )
      startedSince += 1
    },
  }
}

export type OpenJobs = ReturnType<typeof createOpenJobs>
