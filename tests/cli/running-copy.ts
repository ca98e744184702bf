/** `npm start` in a process of its own, controlled by signals, observed through output and exit code. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import { commandLine } from '../../cli/process-identity.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** A start takes 3 s on an idle machine, and longer next to other suites. */
const patience = 60_000

export class RunningCopy {
  readonly process: ChildProcess
  output = ''
  readonly #ended: Promise<unknown>
  #closed = false

  constructor(program: string, words: string[], env: Record<string, string>) {
    this.process = spawn(program, words, {
      cwd: root,
      env: { ...cleanEnvironment(), PORT: '0', LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#ended = once(this.process, 'close').then(() => {
      this.#closed = true
    })
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    }
    onTestFinished(() => void this.process.kill('SIGKILL'))
  }

  get pid(): number {
    return this.process.pid!
  }

  /** Waits until the output matches, and returns the URL. */
  async ready(): Promise<string> {
    await this.says(/is ready after .*Site\s+(\S+)/s)
    return /Site\s+(\S+)/.exec(this.output)![1]!
  }

  async says(words: RegExp): Promise<void> {
    const settled = () => words.test(this.output) || this.#closed
    await expect.poll(settled, { timeout: patience, interval: 50 }).toBe(true)
    expect(this.output).toMatch(words)
  }

  /** Its exit code. */
  async ended(): Promise<number | null> {
    await this.#ended
    return this.process.exitCode
  }

  /** PIDs of the guard and the Temporal server that it guards. */
  async temporal(parent = this.pid): Promise<{ leash: number; server: number }> {
    const [leash] = await childrenOf(parent)
    const [server] = await childrenOf(leash!)
    expect(await commandLine(server!)).toContain('start-dev')
    return { leash: leash!, server: server! }
  }
}

/** What `npm start` runs. */
export function start(env: Record<string, string>, words: string[] = []): RunningCopy {
  return new RunningCopy(process.execPath, ['scripts/start.mjs', ...words], env)
}

export function npmStart(env: Record<string, string>): RunningCopy {
  return new RunningCopy('npm', ['start'], env)
}

export function run(words: string[], env: Record<string, string> = {}): RunningCopy {
  return new RunningCopy(process.execPath, ['scripts/mosaicme.mjs', ...words], env)
}

export async function expectGone(...pids: number[]): Promise<void> {
  const living = async () => (await Promise.all(pids.map(commandLine))).filter((line) => line !== undefined)
  await expect.poll(living, { timeout: 10_000, interval: 50 }).toEqual([])
}

export async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid='])
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  return pairs.filter(([, parent]) => parent === pid).map(([child]) => child!)
}

/** Without variables set by vitest or the person's shell. */
function cleanEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', MOSAICME_CACHE } = process.env
  return { PATH, HOME, ...(MOSAICME_CACHE && { MOSAICME_CACHE }) }
}
