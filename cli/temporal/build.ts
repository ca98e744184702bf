/** Builds Temporal from source with Go, for machines that can reach Go's module proxy but not the release archive. */
import { spawn } from 'node:child_process'
import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const program = 'github.com/temporalio/cli/cmd/temporal@v1.5.1'

export interface BuildOptions {
  env?: NodeJS.ProcessEnv
  say?: (line: string) => void
  signal?: AbortSignal
  /** Interval of progress messages, ms. */
  every?: number
}

/** Builds the program at `target`. @throws if Go is missing or fails, with the last lines of its output */
export async function buildTemporal(target: string, options: BuildOptions = {}): Promise<void> {
  const { env = process.env, say = () => {}, signal, every = 30_000 } = options
  const bin = dirname(target)
  const started = Date.now()
  const elapsed = () => {
    const seconds = Math.round((Date.now() - started) / 1000)
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  }
  let lastWords = ''
  await new Promise<void>((resolve, reject) => {
    // A process group of its own: `go install` runs compilers, which would outlive a killed `go`.
    const go = spawn('go', ['install', program], {
      env: { ...env, GOBIN: bin },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    })
    go.once('spawn', () =>
      say('Building Temporal with Go. This happens once and takes about 5 minutes on two cores'),
    )
    const progress = setInterval(() => say(`Still building Temporal, ${elapsed()}`), every)
    const end = () => go.pid && endGroup(go.pid)
    signal?.addEventListener('abort', end, { once: true })
    process.once('exit', end)
    const settle = (error?: Error) => {
      clearInterval(progress)
      signal?.removeEventListener('abort', end)
      process.removeListener('exit', end)
      if (error) reject(error)
      else resolve()
    }
    go.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-1000)
    })
    go.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code === 'ENOENT' ? new Error('Go is not installed') : error),
    )
    go.once('close', (code, how) => {
      if (signal?.aborted) settle(signal.reason)
      else if (code === 0) settle()
      else
        settle(
          new Error(
            `go install ended with ${how ?? code}: ${lastWords.trim().split('\n').slice(-3).join(' / ')}`,
          ),
        )
    })
  })
  const built = join(bin, process.platform === 'win32' ? 'temporal.exe' : 'temporal')
  if (built !== target) await rename(built, target)
  say(`Temporal was built in ${elapsed()}`)
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It has just ended by itself.
  }
}
