/** The Temporal server of a data directory: its database, ports and log, and what an earlier one left behind. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TemporalEnvironment } from '../../adapters/environment.ts'
import { isPortFree } from '../free-port.ts'
import { cacheFolder } from '../package-root.ts'
import { commandLine, endProcess } from '../process-identity.ts'
import { Refusal } from '../refusal.ts'
import { findTemporal } from './binary.ts'
import { startTemporalServer, type TemporalServer } from './server.ts'

/** Content of `temporal/server.json`, kept between starts. */
interface Remembered {
  pid?: number
  port?: number
  uiPort?: number
}

export interface ManagedTemporalOptions {
  /** Locked by us: no other process uses it. */
  dataDir: string
  temporal: TemporalEnvironment
  /** Codec server for its Web UI. Absent: payloads are not encrypted. */
  codecEndpoint?: string
  say: (line: string) => void
  signal?: AbortSignal
}

export async function startManagedTemporal(options: ManagedTemporalOptions): Promise<TemporalServer> {
  const { dataDir, temporal, codecEndpoint, say, signal } = options
  const dbFile = join(dataDir, 'temporal', 'temporal.sqlite')
  const memory = join(dataDir, 'temporal', 'server.json')
  await mkdir(join(dataDir, 'temporal'), { recursive: true })

  const last = await recall(memory)
  await endStaleServer(last, dbFile, say)

  const port = await choosePort('TEMPORAL_PORT', temporal.port, last.port)
  const uiPort = await choosePort('TEMPORAL_UI_PORT', temporal.uiPort, last.uiPort)
  const binary = await findTemporal({ cacheDir: cacheFolder(), say, ...(signal && { signal }) })
  let noted: Promise<void> | undefined
  const server = await startTemporalServer({
    binary: binary.path,
    dbFile,
    logFile: join(dataDir, 'logs', 'temporal.log'),
    ...(port && { port }),
    ...(uiPort && { uiPort }),
    ...(temporal.namespace !== 'default' && { namespaces: [temporal.namespace] }),
    ...(codecEndpoint && { codecEndpoint }),
    ...(signal && { signal }),
    // At once, not when it is ready, because we may be killed before that.
    onProcess: (pid) => {
      noted = remember(memory, { ...last, pid })
    },
  })
  // Sequential writes: on a busy disk, the first may take longer than the server's start.
  await noted
  await remember(memory, { pid: server.pid, port: server.port, uiPort: server.uiPort })
  return server
}

/**
 * Normally a server ends with the process that started it. If its guard was killed too, it still holds the SQLite file. It is only
 * stopped if its command line names our file: the PID may have been reused.
 */
async function endStaleServer(
  { pid }: Remembered,
  dbFile: string,
  say: (line: string) => void,
): Promise<void> {
  if (!pid) return
  const command = await commandLine(pid)
  if (!command?.includes('start-dev') || !command.includes(dbFile)) return
  say(`Ending a Temporal server that an earlier start left behind (process ${pid})`)
  await endProcess(pid, 5_000)
}

/** The configured port, else the previous one, so that links stay valid, else undefined: any free one. */
async function choosePort(variable: string, demanded?: number, last?: number): Promise<number | undefined> {
  if (demanded) {
    if (await isPortFree(demanded)) return demanded
    throw new Refusal(
      'port_in_use',
      `Temporal needs port ${demanded}, which is already in use. ` +
        `Stop the program that uses it, or set ${variable} to another port.`,
    )
  }
  return last && (await isPortFree(last)) ? last : undefined
}

async function recall(file: string): Promise<Remembered> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Remembered
  } catch {
    return {} // The first start, or a file truncated by a crash. Nothing depends on it.
  }
}

async function remember(file: string, what: Remembered): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(what)}\n`)
  await rename(`${file}.new`, file)
}
