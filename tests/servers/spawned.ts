/** Starts real servers for tests, and stops them whatever happens to the tests. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

export const run = promisify(execFile)

/** The first executable one; bare names are searched on PATH. */
export async function firstProgram(candidates: readonly string[]): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const paths = candidates.flatMap((name) =>
    name.includes('/') ? [name] : folders.map((folder) => join(folder, name)),
  )
  for (const path of paths) {
    try {
      await access(path, constants.X_OK)
      return path
    } catch {
      // Try the next one.
    }
  }
  return undefined
}

export interface Spawned {
  pid: number
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a server and waits until `ready` succeeds. @throws with its output if it ends before that */
export async function spawnServer(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; uid?: number; gid?: number; ready: () => Promise<unknown> },
): Promise<Spawned> {
  const { ready, env, ...user } = options
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...user,
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data))
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => resolve()).once('error', () => resolve()),
  )
  const kill = () => child.kill('SIGKILL')
  // Servers end together with the test run.
  process.once('exit', kill)
  const deadline = Date.now() + 20_000
  for (;;) {
    if (child.exitCode !== null || child.pid === undefined)
      throw new Error(`${command} ended at once: ${printed}`)
    try {
      await ready()
      return { pid: child.pid, stop: (signal = 'SIGTERM') => stop(child, ended, kill, signal) }
    } catch (cause) {
      if (Date.now() > deadline) {
        kill()
        throw new Error(`expected ${command} to be ready within 20 s, it printed: ${printed}`, { cause })
      }
    }
    await delay(20)
  }
}

async function stop(child: ChildProcess, ended: Promise<void>, kill: () => void, signal: NodeJS.Signals) {
  child.kill(signal)
  const timer = setTimeout(kill, 5_000)
  await ended
  clearTimeout(timer)
  process.removeListener('exit', kill)
}
