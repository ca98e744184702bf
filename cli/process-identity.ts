/** Identifies processes: a PID alone may have been reused since it was written down. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Its command line, or undefined if there is no such process. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    // Empty for a zombie process.
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return line ? line.split('\0').join(' ') : undefined
  }
  const answer = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined)
  return answer?.stdout.trim() || undefined
}

/** Terminates it, kills it after `grace` ms, and returns when it is gone. */
export async function endProcess(pid: number, grace: number): Promise<void> {
  const started = Date.now()
  for (let signal: NodeJS.Signals = 'SIGTERM'; (await commandLine(pid)) !== undefined; await delay(50)) {
    if (Date.now() - started > grace) signal = 'SIGKILL'
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
  }
}
