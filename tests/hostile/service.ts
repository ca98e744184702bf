/** A real `mosaicme up`, API and all workers in one process, with a gauge in it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const gauge = pathToFileURL(fileURLToPath(new URL('gauge.mjs', import.meta.url))).href

export interface Cost {
  pid: number
  /** CPU of the process and its ended children. */
  cpuSeconds: number
  /** Bytes. */
  rss: number
}

export interface Service {
  /** URL, without a trailing slash. */
  site: string
  /** @param collect run the garbage collector first */
  cost(collect?: boolean): Promise<Cost>
  /** Its output: the log. */
  output(): string
  /** Whether it is still running. */
  running(): boolean
  stop(): Promise<void>
}

export async function startService(env: Record<string, string>): Promise<Service> {
  const { PATH = '', HOME = '', MOSAICME_CACHE } = process.env
  const child: ChildProcess = spawn(
    process.execPath,
    ['--expose-gc', '--import', gauge, 'scripts/mosaicme.mjs', 'up'],
    {
      cwd: root,
      // The Dockerfile's settings: memory freed by one thread is reused by others, and large blocks return to the system.
      env: {
        PATH,
        HOME,
        ...(MOSAICME_CACHE && { MOSAICME_CACHE }),
        MALLOC_ARENA_MAX: '2',
        MALLOC_MMAP_THRESHOLD_: '131072',
        MALLOC_TRIM_THRESHOLD_: '131072',
        PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  const endWithUs = () => child.kill('SIGKILL')
  process.once('exit', endWithUs)
  let output = ''
  const site = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const found = /Site\s+(\S+)/.exec(output)?.[1]
        if (found !== undefined && output.includes('is ready')) resolve(found)
      })
    child.once('exit', () => reject(new Error(`expected a service, it ended: ${output}`)))
  })
  const running = () => child.exitCode === null && child.signalCode === null
  return {
    site,
    output: () => output,
    running,
    async cost(collect = false) {
      if (!running()) throw new Error(`expected a running service, it has ended: ${output.slice(-2000)}`)
      child.send(collect ? 'collect' : 'tell')
      const [cost] = (await once(child, 'message')) as [Cost]
      return cost
    },
    async stop() {
      const ended = running() ? once(child, 'exit') : undefined
      child.kill('SIGTERM')
      await ended
      process.removeListener('exit', endWithUs)
    },
  }
}
