import { availableParallelism } from 'node:os'
import type { MiddlewareHandler } from 'hono'
import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { callTemporal } from './temporal-call.ts'
import { Turns } from './turns.ts'

/** How long a count is good for. In between, this process counts what it starts itself. */
const freshMs = 1000

/**
 * Jobs that this process hands to Temporal at once. A dev server takes some 40 a second: with many of them each would wait
 * for seconds, until its deadline says that Temporal cannot be reached. The others wait here for their turn.
 */
const startingAtOnce = 24

/** Jobs that are being started or wait for it: some seconds of work. More are told to come back. */
const startingAtMost = 256

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
  let starting = 0
  const turns = new Turns(startingAtOnce)
  // One more than cores: while one waits for Temporal or the store, another one works. Nobody else there, some more are
  // cheaper: Temporal writes down together what comes together.
  const cores = availableParallelism()
  const requests = deps.resizesHere
    ? new Turns(cores + 1, { alone: 4 * cores, atMost: 6 * cores })
    : undefined
  let takenIn = 0

  function count(): Promise<number> {
    if (counted === undefined || Date.now() - countedAt > freshMs) {
      countedAt = Date.now()
      // Those that are on their way are in nobody's count yet.
      startedSince = starting
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

  const open = async () => (await count()) + startedSince

  function refuseCrowd(pending: number): void {
    if (pending >= startingAtMost)
      throw new Problem('overloaded', `${pending} jobs are being started. Try again in a moment.`, {
        headers: { 'Retry-After': '1' },
      })
  }

  /** Without a pause between question and answer: of many that arrive together each counts those before it. */
  function refuseMoreThan(running: number, pending = starting): void {
    refuseCrowd(pending)
    const now = running + startedSince
    if (now >= limit)
      throw new Problem('too_many_jobs', `${now} jobs are open, at most ${limit} may be. Try again later.`, {
        headers: { 'Retry-After': '10' },
      })
  }

  return {
    limit,
    count: open,
    /** Present: requests for jobs are taken in by these turns, see `in-turn.ts`. */
    requests,
    /** @throws {Problem} `too_many_jobs`, `overloaded` */
    refuseFlood: async () => refuseMoreThan(await count(), Math.max(starting, takenIn)),
    /** Answers a request from before its body is read, or refuses to: each keeps its body in memory. @throws {Problem} `overloaded` */
    async takeIn(answer: () => Promise<void>): Promise<void> {
      refuseCrowd(takenIn)
      takenIn += 1
      try {
        await answer()
      } finally {
        takenIn -= 1
      }
    },
    /** Has a job started, or refuses to. @throws {Problem} `too_many_jobs`, `overloaded` */
    async admit<T>(start: () => Promise<T>): Promise<T> {
      refuseMoreThan(await count())
      startedSince += 1
      starting += 1
      try {
        return await start()
      } finally {
        starting -= 1
      }
    },
    /** Hands a job to Temporal when it is the caller's turn. */
    handOver: <T>(caller: string, start: () => Promise<T>): Promise<T> => turns.take(caller, start),
  }
}

export type OpenJobs = ReturnType<typeof createOpenJobs>
export type AdmittingJobs = Pick<OpenJobs, 'admit' | 'handOver'>

/** For jobs that somebody in charge asks for, one at a time. */
export const anyTime: AdmittingJobs = {
  admit: (start) => start(),
  handOver: (_, start) => start(),
}

/**
 * Refuses before the body is read: in a flood, pictures that are taken in and looked at only to be sent away are what costs
 * most. Who has an idempotency key may ask for a job that there is already, and is heard.
 */
export const refuseFloods =
  ({ refuseFlood }: Pick<OpenJobs, 'refuseFlood'>): MiddlewareHandler =>
  async (c, next) => {
    if (c.req.header('Idempotency-Key') === undefined) await refuseFlood()
    await next()
  }
