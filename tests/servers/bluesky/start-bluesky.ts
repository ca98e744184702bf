/** Starts and controls the fake Bluesky. */
import { startFakeNetwork } from '../fake-network.ts'
import type { Fault } from '../x/faults.ts'
import { account, type PostWanted, password } from './world.ts'

const program = new URL('server.ts', import.meta.url)

export interface Answer {
  text: string
  reply: { root: { uri: string }; parent: { uri: string } }
  facets: { index: { byteStart: number; byteEnd: number }; features: { $type: string }[] }[]
  embed: { images: { alt: string; image: { size: number } }[] }
}

export async function startBluesky() {
  const { host, tell, stop } = await startFakeNetwork('Bluesky', program)
  const url = `http://${host}`
  return {
    ...{ url, host },
    post: async (wanted: PostWanted) => (await tell<{ uri: string }>('posts', wanted)).uri,
    delete: (uri: string) => tell('delete', { uri }),
    fault: (fault: Fault) => tell('faults', fault),
    /** Ends all sessions. */
    expire: () => tell('expire'),
    reset: () => tell('reset'),
    state: () =>
      tell<{ answers: Record<string, Answer>; blobs: Record<string, number>; calls: Record<string, number> }>(
        'state',
      ),
    /** Environment variables for our own processes. */
    environment: {
      BLUESKY_URL: url,
      BLUESKY_HANDLE: account,
      BLUESKY_APP_PASSWORD: password,
      FETCH_ALLOW_HOSTS: host,
    },
    stop,
  }
}

export type FakeBluesky = Awaited<ReturnType<typeof startBluesky>>
