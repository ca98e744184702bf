/**
 * Finds the `temporal` program: on PATH, in our cache, from the official download, or built with Go. The first success wins.
 */
import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { takeFileLock } from '../file-lock.ts'
import { Refusal } from '../refusal.ts'
import { buildTemporal } from './build.ts'
import { downloadTemporal } from './download.ts'

/** The last version that `go install` accepts: later ones carry a replace directive. Brings Server 1.29.1. */
export const temporalCliVersion = '1.5.1'
/** Older servers lack flags or calls that we need. */
const oldestServer = [1, 28] as const

export interface TemporalBinary {
  path: string
  origin: 'PATH' | 'cache' | 'download' | 'build'
  /** Version of the server inside, from `temporal --version`, such as `1.29.1`. */
  server: string
}

export interface FindTemporalOptions {
  cacheDir: string
  env?: NodeJS.ProcessEnv
  /** Called with progress, a line at a time. */
  say?: (line: string) => void
  signal?: AbortSignal
  /** Ways to install a binary. Tests pass their own. */
  installers?: Installer[]
}

export interface Installer {
  origin: 'download' | 'build'
  /** Installs the program at `target`. Throws an error that explains a failure. */
  install(
    target: string,
    options: { env: NodeJS.ProcessEnv; say: (line: string) => void; signal?: AbortSignal },
  ): Promise<void>
}

const defaultInstallers: Installer[] = [
  { origin: 'download', install: downloadTemporal },
  { origin: 'build', install: buildTemporal },
]

/** @throws {Refusal} `temporal_missing`, naming everything that was tried and the ways out. */
export async function findTemporal(options: FindTemporalOptions): Promise<TemporalBinary> {
  const { cacheDir, env = process.env, say = () => {}, signal } = options
  const onPath = await findOnPath(env)
  if (onPath) {
    const server = await serverVersion(onPath)
    if (server.ok) return { path: onPath, origin: 'PATH', server: server.version }
    say(`Not using ${onPath}: ${server.reason}`)
  }
  return await fromCache(
    cacheDir,
    { env, say, ...(signal && { signal }) },
    options.installers ?? defaultInstallers,
  )
}

interface InstallContext {
  env: NodeJS.ProcessEnv
  say: (line: string) => void
  signal?: AbortSignal
}

async function fromCache(
  cacheDir: string,
  context: InstallContext,
  installers: Installer[],
): Promise<TemporalBinary> {
  const program = process.platform === 'win32' ? 'temporal.exe' : 'temporal'
  const folder = join(cacheDir, `temporal-${temporalCliVersion}`)
  const path = join(folder, program)
  const cached = async (): Promise<TemporalBinary | undefined> => {
    if (!(await isExecutable(path))) return undefined
    const server = await serverVersion(path)
    if (server.ok) return { path, origin: 'cache', server: server.version }
    context.say(`Not using ${path}: ${server.reason}`)
    return undefined
  }
  const found = await cached()
  if (found) return found

  const lock = await waitForInstallLock(join(cacheDir, 'temporal.lock'), context)
  try {
    // The previous holder of the lock may have installed it.
    const installedMeanwhile = await cached()
    if (installedMeanwhile) return installedMeanwhile
    await mkdir(folder, { recursive: true })
    const reasons: string[] = []
    for (const { origin, install } of installers) {
      const scratch = await mkdtemp(join(cacheDir, 'installing-'))
      try {
        const fresh = join(scratch, program)
        await install(fresh, context)
        const server = await serverVersion(fresh)
        if (!server.ok) throw new Error(`the installed program does not run: ${server.reason}`)
        // Atomic: other processes see no binary or a complete one.
        await rename(fresh, path)
        return { path, origin, server: server.version }
      } catch (error) {
        context.signal?.throwIfAborted()
        const reason = error instanceof Error ? error.message : String(error)
        reasons.push(`${origin}: ${reason}`)
        context.say(`Could not ${origin} Temporal: ${reason}`)
      } finally {
        await rm(scratch, { recursive: true, force: true })
      }
    }
    throw new Refusal(
      'temporal_missing',
      `The temporal program is not on PATH and could not be installed (${reasons.join('; ')}). ` +
        'Install it (https://docs.temporal.io/cli), install Go (https://go.dev/dl) and start again, ' +
        'or set TEMPORAL_ADDRESS to a Temporal server that is already running.',
    )
  } finally {
    await lock.release()
  }
}

async function waitForInstallLock(path: string, { say, signal }: InstallContext) {
  for (let told = false; ; told = true) {
    const lock = await takeFileLock(path)
    if ('release' in lock) {
      await lock.describe({ pid: process.pid })
      return lock
    }
    if (!told) say(`Process ${lock.holder?.pid ?? ''} is already installing Temporal, waiting for it`)
    await delay(200, undefined, signal ? { signal } : {})
  }
}

async function findOnPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const program = process.platform === 'win32' ? 'temporal.exe' : 'temporal'
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder && (await isExecutable(join(folder, program)))) return join(folder, program)
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Runs it once: a file with that name may be an incomplete download, for another architecture, or another program. */
async function serverVersion(
  path: string,
): Promise<{ ok: true; version: string } | { ok: false; reason: string }> {
  let answer: string
  try {
    answer = (await promisify(execFile)(path, ['--version'], { timeout: 15_000 })).stdout
  } catch (error) {
    return { ok: false, reason: `it does not run (${(error as Error).message.split('\n')[0]})` }
  }
  const version = /^temporal version .*\(Server (\d+\.\d+\.\d+\S*?)[,)]/m.exec(answer)?.[1]
  if (!version)
    return {
      ok: false,
      reason: `it says ${JSON.stringify(answer.trim().slice(0, 80))}, not Temporal's version`,
    }
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestServer
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    return { ok: false, reason: `its server ${version} is older than ${oldestServer.join('.')}` }
  }
  return { ok: true, version }
}
