/** Starts the fake X and is the tests' hand on it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Settings } from './api-v2.ts'
import type { Fault } from './faults.ts'
import { credentials } from './oauth.ts'
import type { StreamFault } from './stream.ts'
import { type FakePost, own, type PostWanted } from './world.ts'

const program = fileURLToPath(new URL('server.ts', import.meta.url))

export interface FakeXState {
  /** What the own account has posted, newest first. */
  own: FakePost[]
  media: Record<string, { bytes: number; alt_text?: string; polls: number }>
  /** By `METHOD /path`, IDs as `:id`. */
  calls: Record<string, number>
  postsRead: number
  stream: { open: number; connects: number; mostAtOnce: number }
}

export interface FakeX {
  /** Ends in `/2/`. */
  apiUrl: string
  /** `host:port`, which photos are fetched from. */
  host: string
  post(wanted: PostWanted & { quiet?: boolean }): Promise<{ id: string }>
  delete(id: string): Promise<void>
  fault(fault: Fault): Promise<void>
  faultsAtRandom(seed: number, rate: number): Promise<void>
  /** No more faults of any kind. */
  calm(): Promise<void>
  /** No faults, no posts, no connections, no rules. */
  reset(): Promise<void>
  streamFault(fault: StreamFault): Promise<void>
  set(settings: Partial<Settings>): Promise<void>
  /** Gives no answers for so many ms. */
  down(ms: number): Promise<void>
  state(): Promise<FakeXState>
  /** For the environment of a process of ours. */
  environment: Record<string, string>
  stop(): Promise<void>
}

/** On a free port of 127.0.0.1. The stream's heartbeat: every 20 s as X's, unless told otherwise. */
export async function startX({ beatMs = 20_000 }: { beatMs?: number } = {}): Promise<FakeX> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, '0', String(beatMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit')
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error('expected the fake X to say its port, it ended')
    }),
  ])) as [Buffer]
  const host = `127.0.0.1:${line.toString().trim()}`
  const tell = async (path: string, body: unknown = {}): Promise<Response> => {
    const answer = await fetch(`http://${host}/fake/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`expected the fake X to take ${path}, got ${answer.status}`)
    return answer
  }
  const done = async (path: string, body?: unknown): Promise<void> =>
    void (await (await tell(path, body)).text())
  return {
    apiUrl: `http://${host}/2/`,
    host,
    post: async (wanted) => (await (await tell('posts', wanted)).json()) as { id: string },
    delete: (id) => done('delete', { id }),
    fault: (fault) => done('faults', fault),
    faultsAtRandom: (seed, rate) => done('random', { seed, rate }),
    calm: () => done('calm'),
    reset: () => done('reset'),
    streamFault: (fault) => done('stream', { fault }),
    set: (settings) => done('settings', settings),
    down: (ms) => done('down', { ms }),
    state: async () => (await (await tell('state')).json()) as FakeXState,
    environment: {
      X_API_URL: `http://${host}/2/`,
      X_CONSUMER_KEY: credentials.consumerKey,
      X_CONSUMER_SECRET: credentials.consumerSecret,
      X_ACCESS_TOKEN: credentials.accessToken,
      X_ACCESS_SECRET: credentials.accessSecret,
      X_BEARER_TOKEN: credentials.bearerToken,
      X_ACCOUNT: own.username,
      FETCH_ALLOW_HOSTS: host,
    },
    async stop() {
      child.kill()
      await ended
      process.removeListener('exit', kill)
    },
  }
}
