/** Starts and controls the fake X. */
import { startFakeNetwork } from '../fake-network.ts'
import type { Settings } from './api-v2.ts'
import type { Fault } from './faults.ts'
import { credentials } from './oauth.ts'
import type { StreamFault } from './stream.ts'
import { type FakePost, own, type PostWanted } from './world.ts'

const program = new URL('server.ts', import.meta.url)

export interface FakeXState {
  /** Posts of our account, newest first. */
  own: FakePost[]
  media: Record<string, { bytes: number; alt_text?: string; polls: number }>
  /** Counts by `METHOD /path`, with IDs as `:id`. */
  calls: Record<string, number>
  postsRead: number
  stream: { open: number; connects: number; mostAtOnce: number }
}

export interface FakeX {
  /** Ends in `/2/`. */
  apiUrl: string
  /** `host:port` of the photos. */
  host: string
  post(wanted: PostWanted & { quiet?: boolean }): Promise<{ id: string }>
  delete(id: string): Promise<void>
  fault(fault: Fault): Promise<void>
  faultsAtRandom(seed: number, rate: number): Promise<void>
  /** Removes all faults. */
  calm(): Promise<void>
  /** Removes faults, posts, connections and rules. */
  reset(): Promise<void>
  streamFault(fault: StreamFault): Promise<void>
  set(settings: Partial<Settings>): Promise<void>
  /** Stops responding for this many ms. */
  down(ms: number): Promise<void>
  state(): Promise<FakeXState>
  /** Environment variables for our own processes. */
  environment: Record<string, string>
  stop(): Promise<void>
}

/** On a free port of 127.0.0.1. Heartbeat of the stream: 20 s, as X's, by default. */
export async function startX({ beatMs = 20_000 }: { beatMs?: number } = {}): Promise<FakeX> {
  const { host, tell, stop } = await startFakeNetwork('X', program, ['0', String(beatMs)])
  return {
    apiUrl: `http://${host}/2/`,
    host,
    post: async (wanted) => await tell<{ id: string }>('posts', wanted),
    delete: (id) => tell('delete', { id }),
    fault: (fault) => tell('faults', fault),
    faultsAtRandom: (seed, rate) => tell('random', { seed, rate }),
    calm: () => tell('calm'),
    reset: () => tell('reset'),
    streamFault: (fault) => tell('stream', { fault }),
    set: (settings) => tell('settings', settings),
    down: (ms) => tell('down', { ms }),
    state: async () => await tell<FakeXState>('state'),
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
    stop,
  }
}
