import type { ApiDependencies } from './dependencies.ts'
import type { OpenJobs } from './jobs/open-jobs.ts'
import { callTemporal } from './jobs/temporal-call.ts'
import { Problem } from './problems.ts'
import { taskQueueKinds, taskQueueType } from './task-queue-kinds.ts'

export interface Check {
  ok: boolean
  detail: string
}

/** How long results are shared, ms, so that probes do not become a load. */
const freshMs = 1000
/** Temporal lists pollers for minutes; a live one polls again within the minute that a long poll takes. */
const pollerAliveMs = 90_000
const patienceSeconds = 3

/** Checks everything that jobs need. A failed check says why, without secrets. */
export function createReadiness(deps: ApiDependencies): () => Promise<Record<string, Check>> {
  const { store, cache } = deps
  let looked: { at: number; checks: Promise<Record<string, Check>> } | undefined

  async function look(): Promise<Record<string, Check>> {
    const [engine, objects, gallery] = await Promise.all([
      workersOf(deps),
      attempt(store.description, () => store.head('in', 'ready')),
      attempt(cache.description, () => cache.isWarm()),
    ])
    return { ...engine, 'object store': objects, 'gallery cache': gallery }
  }

  return () => {
    if (looked === undefined || Date.now() - looked.at > freshMs) looked = { at: Date.now(), checks: look() }
    return looked.checks
  }
}

async function workersOf({ client }: ApiDependencies): Promise<Record<string, Check>> {
  let unserved: string[] = []
  const engine = await attempt(`namespace ${client.options.namespace}`, async () => {
    const served = await Promise.all(
      taskQueueKinds.map(({ queue, kind }) =>
        callTemporal(client, () => isServed(queue, taskQueueType[kind]), patienceSeconds),
      ),
    )
    unserved = taskQueueKinds.filter((_, at) => !served[at]).map(({ queue }) => queue)
  })
  if (!engine.ok) return { temporal: engine }
  const names = [...new Set(unserved)].join(', ')
  const workers =
    names === ''
      ? { ok: true, detail: 'every task queue is polled' }
      : { ok: false, detail: `no worker polls ${names}; jobs wait until one does` }
  return { temporal: engine, workers }

  async function isServed(queue: string, type: number): Promise<boolean> {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: type,
    })
    return pollers.some(
      ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < pollerAliveMs,
    )
  }
}

async function attempt(description: string, probe: () => Promise<unknown>): Promise<Check> {
  try {
    await withPatience(probe())
    return { ok: true, detail: description }
  } catch (error) {
    return {
      ok: false,
      detail: `${description} does not answer: ${error instanceof Error ? error.message : error}`,
    }
  }
}

/** Whether a new job would be accepted; `detail` says why not. */
export async function roomForJobs(openJobs: OpenJobs): Promise<Check> {
  try {
    await withPatience(openJobs.refuseFlood())
    return { ok: true, detail: `${await openJobs.count()} of at most ${openJobs.limit} jobs are open` }
  } catch (error) {
    if (error instanceof Problem)
      return { ok: false, detail: `new ones are rejected with 429: ${error.message}` }
    return { ok: false, detail: 'the number of open jobs is unknown: Temporal does not answer' }
  }
}

/** A dependency that hangs counts as failed. */
async function withPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${patienceSeconds} s`)),
      patienceSeconds * 1000,
    )
  })
  return await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
