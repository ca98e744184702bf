/** The record of a steady run, as JSON lines, so that an interrupted run can be evaluated. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** The kinds of work. */
export type Kind = 'resizes' | 'mosaics' | 'large mosaics' | 'bulk jobs'

export interface Begin {
  /** ISO 8601. */
  at: string
  minutes: number
  /** Share of the service's capacity, 0..1. */
  load: number
  /** Jobs per second, if only this kind is offered. */
  capacity: Record<Kind, number>
  /** Jobs per second. Each kind gets a share; together they are at most `load` of the capacity and of the CPU. */
  offered: Record<Kind, number>
  cpus: number
}

export interface ProcessFigures {
  count: number
  rssMb: number
  /** Open file descriptors. */
  files: number
  /** CPU so far, ms. Ended processes are not included, so this is for long-running ones. */
  cpuMs: number
}

/** `service`: site, API and workers. `temporal`: its dev server. `children`: all others, such as composing processes. */
export type Process = 'service' | 'temporal' | 'children'

/** The largest history of one type of workflow, of all that were read. */
export interface HistoryFigures {
  type: string
  count: number
  events: number
  bytes: number
}

export interface Sample {
  /** Seconds since the first job was due; negative before that. */
  at: number
  /** Latencies of resizes since the last sample, from when each was due to its response, ms. */
  latencies: number[]
  processes: Record<Process, ProcessFigures>
  /** CPU used so far by the whole machine, and by this program, ms. */
  machineMs: number
  customersMs: number
  /** Size of Temporal's SQLite file and its write-ahead log, MB. */
  databaseMb: number
  /** Open workflows, and the histories of the long-running ones. Absent if Temporal did not respond. */
  open?: number
  standing?: HistoryFigures[]
}

export interface End {
  /** Seconds from the first job to the end of the last. */
  seconds: number
  asked: Record<Kind, number>
  /** Finished jobs with correct results. */
  done: Record<Kind, number>
  /** Results compared byte for byte with the first one of the same job. */
  compared: number
  /** Responses with 429 or 503; each request was retried. */
  refused: number
  /** Closed workflows, by type. */
  histories: HistoryFigures[]
  /** Jobs still open in Temporal at the end. */
  stillOpen: number
  /** Size of the object store before and after the load, MB. */
  storeMb: [number, number]
  /** How often the service died. */
  deaths: number
  leftFiles: string[]
  leftProcesses: string[]
}

/** Each line has one of these. `lost`: a job that failed or gave a wrong result, and why. */
export interface Line {
  begin?: Begin
  sample?: Sample
  lost?: string
  end?: End
}

export interface Run {
  begin: Begin
  samples: Sample[]
  lost: string[]
  /** Absent if the run was interrupted. */
  end?: End
}

/** @throws if it lacks the first line */
export async function readRun(file: string): Promise<Run> {
  const run: Omit<Run, 'begin'> & { begin?: Begin } = { samples: [], lost: [] }
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const { begin, sample, lost, end } = lineOf(text)
    if (begin) run.begin = begin
    if (sample) run.samples.push(sample)
    if (lost !== undefined) run.lost.push(lost)
    if (end) run.end = end
  }
  const { begin, ...rest } = run
  if (!begin) throw new Error(`expected ${file} to contain the beginning of a run, it does not`)
  return { begin, ...rest }
}

/** The last line may be truncated. */
function lineOf(text: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch {
    return {}
  }
}
