/** The Temporal server that we keep for a data directory: its file, its ports, its log, and what is left of the last. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TemporalEnvironment } from '../../adapters/environment.ts'
import { isPortFree } from '../free-port.ts'
import { cacheFolder } from '../package-root.ts'
import { commandLine, endProcess } from '../process-identity.ts'
import { Refusal } from '../refusal.ts'
import { findTemporal } from './binary.ts'
import { startTemporalServer, type TemporalServer } from './server.ts'

/** What `temporal/server.json` remembers from one start to the next. */
interface Remembered {
  pid?: number
  port?: number
  uiPort?: number
}

export interface ManagedTemporalOptions {
  /** Locked by us: there is no other living copy of mosaicme on it. */
  dataDir: string
  temporal: TemporalEnvironment
  /** Where its Web UI has payloads decoded. Absent: they are plain. */
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
    // At once, not when it is ready: we may be killed before that.
    onProcess: (pid) => {
      noted = remember(memory, { ...last, pid })
    },
  })
  // One after the other: a busy disk may take longer for the first note than the server for its start.
  await noted
  await remember(memory, { pid: server.pid, port: server.port, uiPort: server.uiPort })
  return server
}

/**
 * A server normally ends with the copy that started it. One whose guard was killed too would still hold the SQLite
 * file. It is ended only when its command line names our very file: the PID may be somebody else's by now.
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

/** The demanded port, else the last one so that links stay good, else none: the server takes a free one. */
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
    return {} // The first start, or a file that a crash cut short: nothing depends on it.
  }
}

async function remember(file: string, what: Remembered): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(what)}\n`)
  await rename(`${file}.new`, file)
}
