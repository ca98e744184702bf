/** What a steady run writes down as it goes, a line of JSON each: a run that is cut can be judged by what it has. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** The kinds of work on offer. */
export type Kind = 'resizes' | 'mosaics' | 'large mosaics' | 'bulk jobs'

export interface Begin {
  /** ISO 8601. */
  at: string
  minutes: number
  /** Share of its capacity that the service is asked for, 0..1. */
  load: number
  /** A second, when one kind is all that there is. */
  capacity: Record<Kind, number>
  /** A second. Each kind gets a share of the load; together they are at most `load` of what can be done, and of the CPU. */
  offered: Record<Kind, number>
  cpus: number
}

export interface ProcessFigures {
  count: number
  rssMb: number
  /** File descriptors that are open. */
  files: number
  /** ms of CPU so far. Of those that have ended it is gone: for what is there from begin to end. */
  cpuMs: number
}

/** `service`: site, API and workers. `temporal`: its dev server. `children`: all others, such as those that compose. */
export type Process = 'service' | 'temporal' | 'children'

/** What the histories of one type of workflow weigh: the largest of all that were looked at. */
export interface HistoryFigures {
  type: string
  count: number
  events: number
  bytes: number
}

export interface Sample {
  /** Seconds since the first job was due; below 0: before that. */
  at: number
  /** ms from when a resize was due to its answer, of those answered since the last sample. */
  latencies: number[]
  processes: Record<Process, ProcessFigures>
  /** ms of CPU that all of this machine, and this program itself, have used so far. */
  machineMs: number
  customersMs: number
  /** Of Temporal's SQLite file and what is still in its log, MB. */
  databaseMb: number
  /** Workflows that are open, and what the histories of those weigh that stand for days. Absent: Temporal gave no answer. */
  open?: number
  standing?: HistoryFigures[]
}

export interface End {
  /** Seconds from the first job to the end of the last. */
  seconds: number
  asked: Record<Kind, number>
  /** Done as asked: over, and what came of it is right. */
  done: Record<Kind, number>
  /** Results that were held against the first of their kind, byte for byte. */
  compared: number
  /** Answers of 429 and 503; each of those was asked again. */
  refused: number
  /** Of all workflows that have ended, by type. */
  histories: HistoryFigures[]
  /** Jobs that Temporal still holds open when all are over. */
  stillOpen: number
  /** Of the object store before the load and after it, MB. */
  storeMb: [number, number]
  /** Times that the service ended by itself. */
  deaths: number
  leftFiles: string[]
  leftProcesses: string[]
}

/** Of a line one is there. `lost`: a job that is not done as asked, and why. */
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
  /** Absent: it was cut. */
  end?: End
}

/** @throws when it has no beginning */
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
  if (!begin) throw new Error(`expected ${file} to tell how the run began, it does not`)
  return { begin, ...rest }
}

/** The last one may have been cut in the middle. */
function lineOf(text: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch {
    return {}
  }
}
