/** Starts and controls the fake Mastodon. */
import { startFakeNetwork } from '../fake-network.ts'
import type { Fault } from '../x/faults.ts'
import { accessToken, type FakeStatus, own, type StatusWanted } from './world.ts'

const program = new URL('server.ts', import.meta.url)

export interface FakeMastodonState {
  /** Posts of our account, newest first. */
  own: FakeStatus[]
  media: Record<string, { bytes: number; description: string; looks: number }>
  /** Counts by `METHOD /path`, with IDs as `:id`. */
  calls: Record<string, number>
  streams: number
}

export async function startMastodon() {
  const { host, tell, stop } = await startFakeNetwork('Mastodon', program)
  const url = `http://${host}`
  return {
    ...{ url, host },
    post: (wanted: StatusWanted) => tell<{ id: string }>('posts', wanted),
    delete: (id: string) => tell('delete', { id }),
    fault: (fault: Fault) => tell('faults', fault),
    /** `stall` lasts until the reset; the others affect the next event. */
    streamFault: (fault: 'cut' | 'split' | 'stall' | 'twice') => tell('stream', { fault }),
    set: (settings: { pendingLooks: number }) => tell('settings', settings),
    /** Removes faults, posts and connections. */
    reset: () => tell('reset'),
    state: () => tell<FakeMastodonState>('state'),
    /** Environment variables for our own processes. */
    environment: {
      MASTODON_URL: url,
      MASTODON_ACCESS_TOKEN: accessToken,
      MASTODON_ACCOUNT: own.username,
      FETCH_ALLOW_HOSTS: host,
    },
    stop,
  }
}

export type FakeMastodon = Awaited<ReturnType<typeof startMastodon>>
