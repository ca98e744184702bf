/** Starts Temporal's dev server for people without a Temporal server of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { allSearchAttributes } from '../../workflows/contract/search-attributes.ts'
import { freePort } from '../free-port.ts'
import { packageRoot } from '../package-root.ts'
import { Refusal } from '../refusal.ts'

export interface TemporalServerOptions {
  /** The `temporal` program. */
  binary: string
  /** SQLite file; absent: in memory. */
  dbFile?: string
  /** Appended to; renamed to `.1` when it has grown large. Absent: no log. */
  logFile?: string
  /** Default: free ports. */
  port?: number
  uiPort?: number
  /** Codec server for its Web UI. */
  codecEndpoint?: string
  /** Created in addition to `default`. */
  namespaces?: readonly string[]
  signal?: AbortSignal
  /** Called with the server's PID as soon as it is known. */
  onProcess?: (pid: number) => Promise<void> | void
}

export interface TemporalServer {
  /** `host:port` of the gRPC frontend. */
  address: string
  port: number
  uiUrl: string
  uiPort: number
  pid: number
  /** Resolves when it has ended, intentionally or not. */
  exited: Promise<void>
  stop(): Promise<void>
}

const host = '127.0.0.1'
/** Size at which a log is renamed, bytes. */
const largeLog = 10 * 1024 * 1024
/** Time limit, ms. A cold start on a busy machine with a large SQLite file takes seconds, not tens of them. */
const readyWithin = 60_000

/** Starts the server and waits until it is ready. @throws {Refusal} `temporal_failed`, naming the log */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const attempts = options.port && options.uiPort ? 1 : 3
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options)
    } catch (error) {
      // Another process may take the port between our check and the server's start: try another one.
      if (attempt >= attempts || options.signal?.aborted || !(error instanceof EndedEarly)) throw error
    }
  }
}

class EndedEarly extends Refusal {}

async function startOnce(options: TemporalServerOptions): Promise<TemporalServer> {
  const port = options.port ?? (await freePort(host))
  const uiPort = options.uiPort ?? (await freePort(host))
  if (options.dbFile) await mkdir(dirname(options.dbFile), { recursive: true })
  const log = options.logFile ? await openLog(options.logFile) : undefined

  // In a session of its own, so that Ctrl-C in a terminal only reaches us, and workers drain before the server stops.
  const leash = spawn(
    process.execPath,
    [
      join(packageRoot, 'scripts', 'leash.mjs'),
      options.binary,
      ...devServerArguments({ ...options, port, uiPort }),
    ],
    {
      stdio: ['ignore', log?.fd ?? 'ignore', log?.fd ?? 'ignore', 'ipc'],
      detached: true,
      env: withoutTemporalSettings(process.env),
    },
  )
  let pid = 0
  const ended = new Promise<void>((resolve) => {
    leash.once('exit', (_code, signal) => {
      // The leash itself was killed and could not stop the server.
      if (signal && pid) endQuietly(pid)
      resolve()
    })
  })
  await log?.close()

  leash.once('message', (message: { pid: number }) => {
    pid = message.pid
    void options.onProcess?.(pid)
  })
  const stop = () => stopLeash(leash, ended)
  try {
    await waitUntilItAnswers(`${host}:${port}`, leash, options)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    address: `${host}:${port}`,
    port,
    uiUrl: `http://${host}:${uiPort}`,
    uiPort,
    pid,
    exited: ended,
    stop,
  }
}

/** Each flag's reason and measurement: docs/decisions/006-how-the-dev-server-is-started.md */
export function devServerArguments(options: {
  port: number
  uiPort: number
  dbFile?: string
  codecEndpoint?: string
  namespaces?: readonly string[]
}): string[] {
  return [
    ...[
      'server',
      'start-dev',
      '--ip',
      host,
      '--port',
      String(options.port),
      '--ui-port',
      String(options.uiPort),
    ],
    ...['--log-level', 'warn', '--color', 'never'],
    ...(options.dbFile ? ['--db-filename', options.dbFile] : []),
    // Without these, each transition waits for the disk twice.
    ...(options.dbFile
      ? ['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal']
      : []),
    ...(options.codecEndpoint ? ['--ui-codec-endpoint', options.codecEndpoint] : []),
    ...(options.namespaces ?? []).flatMap((name) => ['--namespace', name]),
    ...allSearchAttributes.flatMap(({ name }) => ['--search-attribute', `${name}=Keyword`]),
    // The default is 20 per shard, and a dev server has one shard: each dispatch would wait up to 50 ms.
    ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=250'],
    ...['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
    ...['--dynamic-config-value', 'system.enableEagerWorkflowStart=true'],
    // By default, up to 128,000 closed workflows stay in memory for an hour: too much for a machine shared with everything else.
    ...['--dynamic-config-value', 'history.hostLevelCacheMaxSize=4096'],
    // Fairness between callers; see `fairnessKey` in `workflows/contract/accepted-job.ts`.
    ...['--dynamic-config-value', 'matching.useNewMatcher=true'],
    ...['--dynamic-config-value', 'matching.enableFairness=true'],
    // Fairness works within a partition of a queue, and one process gains nothing from four of each.
    ...['--dynamic-config-value', 'matching.numTaskqueueReadPartitions=1'],
    ...['--dynamic-config-value', 'matching.numTaskqueueWritePartitions=1'],
  ]
}

async function waitUntilItAnswers(address: string, leash: ChildProcess, options: TemporalServerOptions) {
  const where = options.logFile ? ` Its log: ${options.logFile}` : ''
  const giveUpAt = Date.now() + readyWithin
  const namespaces = ['default', ...(options.namespaces ?? [])]
  // Loaded while the server starts.
  const { Connection } = await import('@temporalio/client')
  for (;;) {
    options.signal?.throwIfAborted()
    if (leash.exitCode !== null || leash.signalCode !== null) {
      throw new EndedEarly('temporal_failed', `Temporal's dev server ended while it was starting.${where}`)
    }
    try {
      // TCP first, because gRPC backs off for a second after a refused connection.
      await knock(address)
      const connection = await Connection.connect({ address, connectTimeout: 1_000 })
      try {
        for (const namespace of namespaces) await connection.workflowService.describeNamespace({ namespace })
        return
      } finally {
        await connection.close()
      }
    } catch (error) {
      if (Date.now() > giveUpAt) {
        throw new Refusal(
          'temporal_failed',
          `Temporal's dev server did not answer at ${address} within ${readyWithin / 1000} s.${where}`,
          { cause: error },
        )
      }
      await delay(20)
    }
  }
}

/** Checks whether the port accepts connections. */
async function knock(address: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`)
  const socket = connect(Number(port), hostname)
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}

async function stopLeash(leash: ChildProcess, ended: Promise<void>): Promise<void> {
  leash.kill('SIGTERM')
  // The leash itself gives the server 5 s.
  const inTime = await Promise.race([ended.then(() => true), delay(7_000, false, { ref: false })])
  if (!inTime) leash.kill('SIGKILL')
  await ended
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Already gone.
  }
}

async function openLog(path: string) {
  await mkdir(dirname(path), { recursive: true })
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  )
  if (size > largeLog) await rename(path, `${path}.1`)
  return await open(path, 'a')
}

/** Our own server must not read settings for clients (`TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, ...). */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')))
}
