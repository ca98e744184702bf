/**
 * Runs a service at most of its capacity, at a constant rate, for an hour: do its resources and response times stay the same? Its
 * capacity is measured first. Meanwhile it also listens to a network and watches an inbox.
 */
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { freePort } from '../../cli/free-port.ts'
import { insist } from '../chaos/customer.ts'
import { leftovers } from '../chaos/leftovers.ts'
import { Service } from '../chaos/service.ts'
import { capacity, flood } from '../overload/flood.ts'
import { run as runProgram } from '../servers/spawned.ts'
import { startX } from '../servers/x/start-x.ts'
import { type Customers, openCustomers } from './customers.ts'
import { countOpenJobs, endedHistories, type Gauges, look, machineMs } from './gauges.ts'
import type { Begin, End, Kind, Line, Sample } from './record.ts'

export interface SteadyOptions {
  /** An empty folder for this run. */
  folder: string
  minutes: number
  /** Share of its capacity and of the CPU, 0..1. */
  load: number
  /** How long resizes are measured at full speed, and then everything at the pace of the run, s. */
  measure: number
  /** Receives the lines of the record. */
  write: (line: Line) => void
  say: (line: string) => void
}

/** Each kind's share of the load. */
const shares: Record<Kind, number> = { resizes: 0.8, mosaics: 0.06, 'large mosaics': 0.04, 'bulk jobs': 0.1 }
const kinds = Object.keys(shares) as Kind[]
/** Sampling interval, s; short runs still take 30 samples. */
const usualInterval = 10
/** Time for connections and garbage to disappear at the end, ms. */
const settle = 5_000
const readyWithin = 120_000

export async function runSteady(options: SteadyOptions): Promise<void> {
  const { folder, minutes, load, write, say } = options
  const house = await openService(folder)
  try {
    const customers = await openCustomers(house.url)
    const can = await capacities(customers, options)
    const offered = await paceOf(customers, can, options)
    const cpus = availableParallelism()
    const begin: Begin = { at: new Date().toISOString(), minutes, load, capacity: can, offered, cpus }
    write({ begin })
    say(JSON.stringify(begin))
    await delay(settle)
    const storeBefore = await house.storeMb()

    const seconds = minutes * 60
    const interval = Math.min(usualInterval, seconds / 30)
    let latencies: number[] = []
    const sample = async (at: number) => {
      const answered = latencies
      latencies = []
      const taken: Sample = { at, latencies: answered, ...(await look(house.gauges())) }
      write({ sample: taken })
      return taken
    }
    await sample(0)
    const started = performance.now()
    const passed = () => (performance.now() - started) / 1000

    const asked = mapKinds(() => 0)
    const done = mapKinds(() => 0)
    const offer = (kind: Kind) =>
      flood(offered[kind], seconds, async (n) => {
        asked[kind]++
        // Measured from when the job was due, to avoid coordinated omission.
        const late = Math.max(0, performance.now() - started - (n * 1000) / offered[kind])
        try {
          const { tookMs } = await customers.ask[kind]()
          done[kind]++
          if (kind === 'resizes') latencies.push(Math.round(late + tookMs))
        } catch (error) {
          const lost = `${kind}, number ${n}: ${error} ${error instanceof Error ? (error.cause ?? '') : ''}`
          write({ lost })
          say(lost)
        }
      })
    const sampling = (async () => {
      for (let n = 1; n * interval <= seconds; n++) {
        await delay(Math.max(0, n * interval - passed()) * 1000)
        const { open = 0, processes } = await sample(n * interval)
        if (n % 6 === 0)
          say(
            `${Math.round(n * interval)} s: ${done.resizes} of ${asked.resizes} resizes, ${open} open, ` +
              `${processes.service.rssMb} + ${processes.temporal.rssMb} MB`,
          )
      }
    })()
    await Promise.all([...kinds.map(offer), sampling])
    const took = passed()
    say(`all are followed to their end after ${took.toFixed(0)} s`)
    await delay(settle)
    await sample(Math.max(passed(), seconds + 1))

    const { temporal } = house.gauges()
    const stillOpen = await untilNone(() => countOpenJobs(temporal))
    const histories = await endedHistories(temporal)
    const storeAfter = await house.storeMb()
    const left = await house.stop()
    const end: End = {
      ...{ seconds: took, asked, done, compared: customers.compared, refused: customers.refused },
      ...{ histories, stillOpen, storeMb: [storeBefore, storeAfter], ...left },
    }
    write({ end })
  } finally {
    await house.stop()
  }
}

/**
 * Jobs per second of each kind: `load` of the capacity, and at most as much of the CPU. When every core is busy, work comes in
 * larger batches and a job costs less: 70 % of the jobs used 80 % of the CPU, where waiting times say more about how fast the
 * machine happens to be than about the service.
 */
async function paceOf(
  { ask }: Customers,
  can: Record<Kind, number>,
  { load, measure, say }: SteadyOptions,
): Promise<Record<Kind, number>> {
  const offered = mapKinds((kind) => load * shares[kind] * can[kind])
  const [before, started] = [machineMs(), performance.now()]
  await Promise.all(kinds.map((kind) => flood(offered[kind], measure, async () => void (await ask[kind]()))))
  const cores = (machineMs() - before) / (performance.now() - started)
  say(`at ${load * 100} % of the jobs ${cores.toFixed(2)} of ${availableParallelism()} cores are in use`)
  const less = Math.min(1, (load * availableParallelism()) / cores)
  return mapKinds((kind) => less * offered[kind])
}

/** Capacity per kind, a second, if only this kind is offered. */
async function capacities(
  { ask }: Customers,
  { measure, say }: SteadyOptions,
): Promise<Record<Kind, number>> {
  // Warm-up: the first jobs draw the starter library, fill caches and compile code.
  for (const kind of kinds) await ask[kind]()
  const about = await capacity(100, 8, ask.resizes)
  const can: Record<Kind, number> = {
    resizes: await capacity(Math.ceil(about * measure), 8, ask.resizes),
    mosaics: await capacity(6, 2, ask.mosaics),
    'large mosaics': await capacity(3, 1, ask['large mosaics']),
    'bulk jobs': await capacity(6, 2, ask['bulk jobs']),
  }
  say(`it can do ${kinds.map((kind) => `${can[kind].toFixed(2)} ${kind}`).join(', ')} a second`)
  return can
}

async function openService(folder: string) {
  const data = join(folder, 'data')
  const temporary = join(folder, 'tmp')
  await mkdir(temporary, { recursive: true })
  const [port, temporalPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const x = await startX()
  const { PATH = '', HOME = '', MOSAICME_CACHE } = process.env
  const service = new Service('mosaicme', ['up'], {
    ...{ PATH, HOME, TMPDIR: temporary, NODE_NO_WARNINGS: '1' },
    ...(MOSAICME_CACHE && { MOSAICME_CACHE }),
    ...{ DATA_DIR: data, PORT: String(port), TEMPORAL_PORT: String(temporalPort), LOG_LEVEL: 'warn' },
    ...x.environment,
    PUBLIC_URL: 'https://mosaics.example',
    // The mark by which leftovers.ts recognises our processes.
    MOSAICME_CHAOS: folder,
  })
  let connection: Connection | undefined
  let stopping: Promise<Pick<End, 'deaths' | 'leftFiles' | 'leftProcesses'>> | undefined
  const stop = async () => {
    await connection?.close()
    await service.stop()
    const left = await leftovers(folder, [temporary, join(data, 'scratch')])
    await x.stop()
    return { deaths: service.deaths, leftFiles: left.files, leftProcesses: left.processes }
  }
  try {
    await insist(`${url}/readyz`, {}, readyWithin)
    await watchAnInbox(url)
    connection = await Connection.connect({ address: `127.0.0.1:${temporalPort}` })
    const temporal = new Client({ connection })
    return {
      url,
      gauges: (): Gauges => ({
        ...{ pid: service.pid!, temporal, database: join(data, 'temporal', 'temporal.sqlite') },
      }),
      async storeMb() {
        const { stdout } = await runProgram('du', ['-sk', join(data, 'objects')])
        return Math.round(Number.parseInt(stdout, 10) / 1024)
      },
      /** Idempotent. Reports what should not be left. */
      stop: () => (stopping ??= stop()),
    }
  } catch (error) {
    console.error(service.said)
    await stop()
    throw error
  }
}

/** An empty inbox: a long-running workflow that polls often, which shows that its history stays short. */
async function watchAnInbox(url: string): Promise<void> {
  await insist(`${url}/v1/inboxes`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'steady', prefix: 'inbox/steady/', library: 'starter', every_seconds: 5 }),
  })
}

/** Visibility is eventually consistent. */
async function untilNone(count: () => Promise<number>): Promise<number> {
  let open = await count()
  for (let tries = 0; tries < 60 && open > 0; tries++) {
    await delay(500)
    open = await count()
  }
  return open
}

const mapKinds = <T>(of: (kind: Kind) => T) =>
  Object.fromEntries(kinds.map((kind) => [kind, of(kind)])) as Record<Kind, T>
