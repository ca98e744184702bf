/** Starts the fake Bluesky and is the tests' hand on it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Fault } from '../x/faults.ts'
import { account, type PostWanted, password } from './world.ts'

const program = fileURLToPath(new URL('server.ts', import.meta.url))

export interface Answer {
  text: string
  reply: { root: { uri: string }; parent: { uri: string } }
  facets: { index: { byteStart: number; byteEnd: number }; features: { $type: string }[] }[]
  embed: { images: { alt: string; image: { size: number } }[] }
}

export async function startBluesky() {
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit')
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error('expected the fake Bluesky to say its port, it ended')
    }),
  ])) as [Buffer]
  const host = `127.0.0.1:${line.toString().trim()}`
  const url = `http://${host}`
  async function tell<T>(path: string, body: object = {}): Promise<T> {
    const answer = await fetch(`${url}/fake/${path}`, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`expected the fake Bluesky to take ${path}, got ${answer.status}`)
    return (await answer.json()) as T
  }
  return {
    ...{ url, host },
    post: async (wanted: PostWanted) => (await tell<{ uri: string }>('posts', wanted)).uri,
    delete: (uri: string) => tell('delete', { uri }),
    fault: (fault: Fault) => tell('faults', fault),
    /** Every session is over. */
    expire: () => tell('expire'),
    reset: () => tell('reset'),
    state: () =>
      tell<{ answers: Record<string, Answer>; blobs: Record<string, number>; calls: Record<string, number> }>(
        'state',
      ),
    /** For the environment of a process of ours. */
    environment: {
      BLUESKY_URL: url,
      BLUESKY_HANDLE: account,
      BLUESKY_APP_PASSWORD: password,
      FETCH_ALLOW_HOSTS: host,
    },
    async stop() {
      child.kill()
      await ended
      process.removeListener('exit', kill)
    },
  }
}

export type FakeBluesky = Awaited<ReturnType<typeof startBluesky>>
