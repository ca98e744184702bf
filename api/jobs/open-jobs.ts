import { availableParallelism } from 'node:os'
import type { MiddlewareHandler } from 'hono'
import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { callTemporal } from './temporal-call.ts'
import { Turns } from './turns.ts'

/** How long a count is cached, ms. In between, this process adds the jobs that it starts itself. */
const freshMs = 1000

/**
 * Concurrent starts. A dev server starts about 40 jobs a second; with more calls in flight, each would wait for seconds, until its
 * deadline makes Temporal look unreachable. The others wait here for their turn.
 */
const startingAtOnce = 24

/** Jobs being started or waiting for it: a few seconds of work. More are rejected. */
const startingAtMost = 256

/**
 * Backpressure: rejects new jobs (429) while too many are open, so that workers can get through the backlog. Counts with the
 * visibility store, which is eventually consistent: the limit stops floods, it is not exact.
 */
export function createOpenJobs(deps: ApiDependencies) {
  const { client, environment } = deps
  const limit = environment.limits.openJobs
  let counted: Promise<number> | undefined
  let countedAt = 0
  let startedSince = 0
  let starting = 0
  const turns = new Turns(startingAtOnce)
  // One more than there are cores, because some requests wait for Temporal or the store. A single caller gets more, which is
  // cheaper: Temporal batches writes that arrive together.
  const cores = availableParallelism()
  const requests = deps.resizesHere
    ? new Turns(cores + 1, { alone: 4 * cores, atMost: 6 * cores })
    : undefined
  let takenIn = 0

  function count(): Promise<number> {
    if (counted === undefined || Date.now() - countedAt > freshMs) {
      countedAt = Date.now()
      // Jobs being started are in no count yet.
      startedSince = starting
      counted = callTemporal(client, async () => {
        const query = `WorkflowType IN ('mosaic', 'resize', 'tiles', 'bulk') AND ExecutionStatus = 'Running'`
        return (await client.workflow.count(query)).count
      })
      // After a failure, the next request counts again.
      counted.catch(() => {
        counted = undefined
      })
    }
    return counted
  }

  const open = async () => (await count()) + startedSince

  function refuseIfBusy(pending: number): void {
    if (pending >= startingAtMost)
      throw new Problem('overloaded', `${pending} jobs are being started. Try again in a moment.`, {
        headers: { 'Retry-After': '1' },
      })
  }

  /** Synchronous from check to rejection: of many concurrent requests, each counts those before it. */
  function refuseMoreThan(running: number, pending = starting): void {
    refuseIfBusy(pending)
    const now = running + startedSince
    if (now >= limit)
      throw new Problem(
        'too_many_jobs',
        `${now} jobs are open, and at most ${limit} are allowed. Try again later.`,
        {
          headers: { 'Retry-After': '10' },
        },
      )
  }

  return {
    limit,
    count: open,
    /** If present, requests that start jobs are admitted in turn: see `in-turn.ts`. */
    requests,
    /** @throws {Problem} `too_many_jobs`, `overloaded` */
    refuseFlood: async () => refuseMoreThan(await count(), Math.max(starting, takenIn)),
    /** Runs a request's handler from before its body is read: bounded, as bodies are in memory. @throws {Problem} `overloaded` */
    async takeIn(answer: () => Promise<void>): Promise<void> {
      refuseIfBusy(takenIn)
      takenIn += 1
      try {
        await answer()
      } finally {
        takenIn -= 1
      }
    },
    /** Starts a job if there is room. @throws {Problem} `too_many_jobs`, `overloaded` */
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
    /** Calls Temporal to start a job when it is the caller's turn. */
    handOver: <T>(caller: string, start: () => Promise<T>): Promise<T> => turns.take(caller, start),
  }
}

export type OpenJobs = ReturnType<typeof createOpenJobs>
export type AdmittingJobs = Pick<OpenJobs, 'admit' | 'handOver'>

/** No limits: for jobs that operators start one at a time. */
export const anyTime: AdmittingJobs = {
  admit: (start) => start(),
  handOver: (_, start) => start(),
}

/**
 * Rejects before the body is read: in a flood, reading and inspecting pictures only to reject them is what costs most. A request
 * with an idempotency key passes, because its job may already exist.
 */
export const refuseFloods =
  ({ refuseFlood }: Pick<OpenJobs, 'refuseFlood'>): MiddlewareHandler =>
  async (c, next) => {
    if (c.req.header('Idempotency-Key') === undefined) await refuseFlood()
    await next()
  }
