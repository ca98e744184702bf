/** Decides whether a run was steady: compares its last sixth with its second, when everything is warm. */
import type { HistoryFigures, Process, ProcessFigures, Run, Sample } from './record.ts'

/** The sixths to compare. */
const before = 1
const after = 5
/** Allowed growth in the last one, of memory, open files and the latency of resizes. */
const memoryMore = 1.1
const filesMore = 1.1
const latencyMore = 1.5
/** Of the CPU time per job, relative to what it costs the customers, whose work is the same at any speed of the machine. */
const costMore = 1.1
/** Tolerance for files that come and go with connections. */
const filesAnyway = 20
/** Limits of a history, as in the workflow tests. */
const mostEvents = 2_000
const mostBytes = 1024 * 1024
/** Allowed share of 429s: at a load that the service can handle, there is no reason for more. */
const refusedAtMost = 0.001

export interface Window {
  name: string
  resizes: number
  /** ms; 0 if there are none. */
  p50: number
  p95: number
  /** Medians of its samples; maxima for `children`, which come and go. */
  processes: Record<Process, Pick<ProcessFigures, 'rssMb' | 'files'>>
  /** Average cores used by the two long-running processes, by the customers, and by everything else on the machine. */
  cores: { service: number; temporal: number; customers: number; others: number }
  /** Maximum open at a time. */
  open: number
  databaseMb: number
}

/** A criterion. It is met if `count` is 0. */
export interface Finding {
  what: string
  count: number
  /** The measured figures. */
  told: string
}

/** The figures for the row in docs/reliability.md. */
export interface SteadyCounts extends Pick<Run, 'begin' | 'end'> {
  windows: Window[]
  findings: Finding[]
}

/** Before the load, its sixths, and after it. For an interrupted run: sixths of what there is. */
export function windowsOf({ begin, samples, end }: Pick<Run, 'begin' | 'samples' | 'end'>): Window[] {
  const sixth = (end ? begin.minutes * 60 : (samples.at(-1)?.at ?? 0)) / 6
  const within = (from: number, to: number) => samples.filter(({ at }) => at > from && at <= to)
  const last = (list: Sample[]) => list.slice(-1)
  return [
    windowOf('start', last(within(Number.NEGATIVE_INFINITY, 0))),
    ...Array.from({ length: 6 }, (_, n) =>
      windowOf(`sixth ${n + 1}`, within(n * sixth, (n + 1) * sixth), last(within(-1e9, n * sixth))[0]),
    ),
    windowOf('end', last(within(6 * sixth, Number.POSITIVE_INFINITY))),
  ]
}

/** @param earlier the last sample before, from which CPU is counted */
function windowOf(name: string, samples: Sample[], earlier = samples[0]): Window {
  const latencies = samples.flatMap((sample) => sample.latencies).sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
  const of = (process: Process, figure: 'rssMb' | 'files') =>
    samples.map(({ processes }) => processes[process][figure])
  const last = samples.at(-1)
  const cores = (cpu: (sample: Sample) => number) =>
    last && earlier && last.at > earlier.at
      ? Math.max(0, (cpu(last) - cpu(earlier)) / 1000 / (last.at - earlier.at))
      : 0
  const used = {
    service: cores(({ processes }) => processes.service.cpuMs),
    temporal: cores(({ processes }) => processes.temporal.cpuMs),
    customers: cores(({ customersMs }) => customersMs),
  }
  const known = used.service + used.temporal + used.customers
  return {
    ...{ name, resizes: latencies.length, p50: at(0.5), p95: at(0.95) },
    processes: {
      service: { rssMb: median(of('service', 'rssMb')), files: median(of('service', 'files')) },
      temporal: { rssMb: median(of('temporal', 'rssMb')), files: median(of('temporal', 'files')) },
      children: {
        rssMb: Math.max(0, ...of('children', 'rssMb')),
        files: Math.max(0, ...of('children', 'files')),
      },
    },
    cores: { ...used, others: Math.max(0, cores(({ machineMs }) => machineMs) - known) },
    open: Math.max(0, ...samples.map(({ open = 0 }) => open)),
    databaseMb: last?.databaseMb ?? 0,
  }
}

export function judge(run: Run): Finding[] {
  const sixths = windowsOf(run).slice(1, -1)
  const [first, last] = [sixths[before]!, sixths[after]!]
  const lasting = ['service', 'temporal'] as const
  const memory = lasting.map((name) => ({
    name,
    ...growth(first.processes[name].rssMb, last.processes[name].rssMb, memoryMore, 0),
  }))
  const files = lasting.map((name) => ({
    name,
    ...growth(first.processes[name].files, last.processes[name].files, filesMore, filesAnyway),
  }))
  const latency = growth(first.p95, last.p95, latencyMore, 0)
  const cost = growth(costOf(first), costOf(last), costMore, 0)
  const { end, lost } = run
  const asked = total(end?.asked)
  const done = total(end?.done)
  const histories = [...(end?.histories ?? []), ...run.samples.flatMap(({ standing = [] }) => standing)]
  const heavy = histories.filter(({ events, bytes }) => events > mostEvents || bytes > mostBytes)
  const heaviest = largest(histories)
  const left = (end?.leftFiles.length ?? 0) + (end?.leftProcesses.length ?? 0)
  return [
    finding('processes that grow', count(memory), list(memory, 'MB')),
    finding('processes with more and more open files', count(files), list(files, 'files')),
    finding('p95 that climbs', latency.climbs ? 1 : 0, `${round(first.p95)} ms, then ${round(last.p95)} ms`),
    finding(
      'jobs that cost more and more',
      cost.climbs ? 1 : 0,
      `${cost.from.toFixed(1)}, then ${cost.to.toFixed(1)} times the CPU that their customers take`,
    ),
    finding(
      'histories without bound',
      histories.length === 0 ? 1 : new Set(heavy.map(({ type }) => type)).size,
      `at most ${heaviest.events} events (${heaviest.type}), ${Math.round(heaviest.bytes / 1024)} KiB`,
    ),
    finding(
      'jobs lost or wrong',
      Math.max(lost.length, asked - done, end && asked === 0 ? 1 : 0),
      end
        ? `${done} of ${asked} done, ${end.compared} results byte for byte as the first of their kind`
        : `${lost.length}, of those that were over`,
    ),
    finding('jobs still open', end?.stillOpen ?? 0, `${end?.stillOpen ?? 0}`),
    finding(
      'jobs refused',
      (end?.refused ?? 0) > asked * refusedAtMost ? end!.refused : 0,
      `${end?.refused ?? 0} answers of 429 and 503`,
    ),
    finding('files and processes left', left, `${left}`),
    finding('ends without having been told to', end?.deaths ?? 0, `${end?.deaths ?? 0}`),
    finding('runs that were cut', end ? 0 : 1, end ? 'came to its end' : 'was cut'),
  ]
}

export const holds = (findings: readonly Finding[]): boolean => findings.every(({ count }) => count === 0)

/** The largest of each type. */
export function byType(histories: readonly HistoryFigures[]): HistoryFigures[] {
  const types = new Map<string, HistoryFigures>()
  for (const one of histories) {
    const known = types.get(one.type) ?? { type: one.type, count: 0, events: 0, bytes: 0 }
    types.set(one.type, {
      type: one.type,
      count: known.count + one.count,
      events: Math.max(known.events, one.events),
      bytes: Math.max(known.bytes, one.bytes),
    })
  }
  return [...types.values()]
}

/** CPU of the service and of Temporal per CPU second of their customers. */
const costOf = ({ cores: { service, temporal, customers } }: Window) => (service + temporal) / customers

/** A missing measurement is not steady. */
function growth(from: number, to: number, times: number, anyway: number) {
  return { from, to, climbs: !(from > 0 && to > 0) || to > from * times + anyway }
}

const largest = (histories: readonly HistoryFigures[]): HistoryFigures => ({
  ...(histories.toSorted((a, b) => b.events - a.events)[0] ?? { type: 'none', count: 0, events: 0 }),
  bytes: Math.max(0, ...histories.map(({ bytes }) => bytes)),
})

const finding = (what: string, count: number, told: string): Finding => ({ what, count, told })
const count = (grown: readonly { climbs: boolean }[]) => grown.filter(({ climbs }) => climbs).length
const list = (grown: readonly { name: string; from: number; to: number }[], unit: string) =>
  grown.map(({ name, from, to }) => `${name} ${round(from)}, then ${round(to)} ${unit}`).join('; ')
const total = (counts: Record<string, number> = {}) =>
  Object.values(counts).reduce((sum, one) => sum + one, 0)
const round = (value: number) => Math.round(value)

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
