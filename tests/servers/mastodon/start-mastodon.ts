/** Starts the fake Mastodon and is the tests' hand on it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Fault } from '../x/faults.ts'
import { accessToken, type FakeStatus, own, type StatusWanted } from './world.ts'

const program = fileURLToPath(new URL('server.ts', import.meta.url))

export interface FakeMastodonState {
  /** What the own account has posted, newest first. */
  own: FakeStatus[]
  media: Record<string, { bytes: number; description: string; looks: number }>
  /** By `METHOD /path`, IDs as `:id`. */
  calls: Record<string, number>
  streams: number
}

export async function startMastodon() {
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit')
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error('expected the fake Mastodon to say its port, it ended')
    }),
  ])) as [Buffer]
  const host = `127.0.0.1:${line.toString().trim()}`
  const url = `http://${host}`
  async function tell<T>(path: string, body: object = {}): Promise<T> {
    const answer = await fetch(`${url}/fake/${path}`, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`expected the fake Mastodon to take ${path}, got ${answer.status}`)
    return (await answer.json()) as T
  }
  return {
    ...{ url, host },
    post: (wanted: StatusWanted) => tell<{ id: string }>('posts', wanted),
    delete: (id: string) => tell('delete', { id }),
    fault: (fault: Fault) => tell('faults', fault),
    /** `stall` lasts until the reset; the others are for the next event. */
    streamFault: (fault: 'cut' | 'split' | 'stall' | 'twice') => tell('stream', { fault }),
    set: (settings: { pendingLooks: number }) => tell('settings', settings),
    /** No faults, no posts, no connections. */
    reset: () => tell('reset'),
    state: () => tell<FakeMastodonState>('state'),
    /** For the environment of a process of ours. */
    environment: {
      MASTODON_URL: url,
      MASTODON_ACCESS_TOKEN: accessToken,
      MASTODON_ACCOUNT: own.username,
      FETCH_ALLOW_HOSTS: host,
    },
    async stop() {
      child.kill()
      await ended
      process.removeListener('exit', kill)
    },
  }
}

export type FakeMastodon = Awaited<ReturnType<typeof startMastodon>>
