/** Measures a running service from outside: its processes, Temporal, and growing files. */
import { stat } from 'node:fs/promises'
import { cpus } from 'node:os'
import type { Client } from '@temporalio/client'
import { family, memoryMb, openFiles, type ProcessStat, wordsOf } from '../processes.ts'
import type { HistoryFigures, Process, ProcessFigures, Sample } from './record.ts'
import { byType } from './verdict.ts'

/** Workflow types of the customers' jobs; all others are long-running, or end in a moment. */
const jobs = "('resize', 'mosaic', 'bulk', 'bulkPart', 'tiles')"
const standing = [
  `ExecutionStatus = 'Running' AND WorkflowType NOT IN ${jobs}`,
  // Temporal's own workflows, one per Schedule of ours.
  `ExecutionStatus = 'Running' AND TemporalNamespaceDivision = 'TemporalScheduler'`,
]

export interface Gauges {
  /** PID of the service. */
  pid: number
  temporal: Client
  /** Temporal's SQLite file. */
  database: string
}

export async function look({ pid, temporal, database }: Gauges): Promise<Omit<Sample, 'at' | 'latencies'>> {
  const { user, system } = process.cpuUsage()
  return {
    processes: figuresOf(pid),
    machineMs: machineMs(),
    customersMs: Math.round((user + system) / 1000),
    databaseMb: Math.round(((await sizeOf(database)) + (await sizeOf(`${database}-wal`))) / 1e6),
    ...(await ask(temporal)),
  }
}

/** CPU time used by the whole machine so far, ms. */
export const machineMs = (): number =>
  cpus()
    .flatMap(({ times }) => [times.user, times.sys, times.nice, times.irq])
    .reduce((sum, ms) => sum + ms, 0)

/** Empty if it does not respond in time: the customers' jobs notice that. */
async function ask(temporal: Client): Promise<Pick<Sample, 'open' | 'standing'>> {
  try {
    return await temporal.withDeadline(Date.now() + 5_000, async () => ({
      open: (await temporal.workflow.count("ExecutionStatus = 'Running'")).count,
      standing: await standingHistories(temporal),
    }))
  } catch (error) {
    console.error(`Temporal gave no answer: ${error}`)
    return {}
  }
}

async function standingHistories(temporal: Client): Promise<HistoryFigures[]> {
  const found: HistoryFigures[] = []
  // Listings of open workflows do not contain their size.
  for (const query of standing)
    for await (const { workflowId, type } of temporal.workflow.list({ query }))
      found.push(figures(type, await temporal.workflow.getHandle(workflowId).describe()))
  return byType(found)
}

/** Histories of all closed workflows. Reads some thousand a second. */
export async function endedHistories(temporal: Client): Promise<HistoryFigures[]> {
  const types = new Map<string, HistoryFigures>()
  const query = "ExecutionStatus != 'Running'"
  for await (const info of temporal.workflow.list({ query, pageSize: 1_000 })) {
    const known = types.get(info.type)
    const one = figures(info.type, info)
    types.set(info.type, known ? byType([known, one])[0]! : one)
  }
  return [...types.values()]
}

export const countOpenJobs = async (temporal: Client): Promise<number> =>
  (await temporal.workflow.count(`ExecutionStatus = 'Running' AND WorkflowType IN ${jobs}`)).count

const figures = (
  type: string,
  { historyLength, historySize = 0 }: { historyLength: number; historySize?: number },
): HistoryFigures => ({ type, count: 1, events: historyLength, bytes: historySize })

function figuresOf(pid: number): Record<Process, ProcessFigures> {
  const figures = { service: nobody(), temporal: nobody(), children: nobody() }
  for (const one of family(pid)) {
    const sum = figures[whatIs(one, pid)]
    try {
      const [rssMb, files] = [memoryMb(one.pid, 'VmRSS'), openFiles(one.pid)]
      sum.count += 1
      // A process that is about to end has no memory any more.
      sum.rssMb += Number.isNaN(rssMb) ? 0 : rssMb
      sum.files += files
      sum.cpuMs += one.cpuMs
    } catch {
      // Ended in the meantime.
    }
  }
  return figures
}

const nobody = (): ProcessFigures => ({ count: 0, rssMb: 0, files: 0, cpuMs: 0 })

function whatIs({ pid }: ProcessStat, service: number): Process {
  if (pid === service) return 'service'
  const [program = '', ...words] = wordsOf(pid)
  // Its leash, a Node process, has the same words after its own.
  return words.includes('start-dev') && !/\bnode$/.test(program) ? 'temporal' : 'children'
}

const sizeOf = async (file: string): Promise<number> =>
  await stat(file).then(
    ({ size }) => size,
    () => 0,
  )
