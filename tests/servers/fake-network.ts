/** Starts and controls a fake social network in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { programAt } from '../setup/programs.ts'

export interface FakeNetwork {
  /** `127.0.0.1:port`. */
  host: string
  /** @returns its response, if it has one */
  tell<T>(path: string, body?: unknown): Promise<T>
  stop(): Promise<void>
}

/** @param program a script that prints its port on a line @param args its arguments */
export async function startFakeNetwork(
  name: string,
  program: URL,
  args: readonly string[] = [],
): Promise<FakeNetwork> {
  const child = spawn(process.execPath, [...programAt(program), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit')
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error(`expected the fake ${name} to say its port, it ended`)
    }),
  ])) as [Buffer]
  const host = `127.0.0.1:${line.toString().trim()}`
  return {
    host,
    async tell<T>(path: string, body: unknown = {}) {
      const answer = await fetch(`http://${host}/fake/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (!answer.ok) throw new Error(`expected the fake ${name} to take ${path}, got ${answer.status}`)
      const text = await answer.text()
      return (text === '' ? undefined : JSON.parse(text)) as T
    },
    async stop() {
      child.kill()
      await ended
      process.removeListener('exit', kill)
    },
  }
}
