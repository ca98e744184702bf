/** The listening step, with a fake X over a real socket: no post is missed or taken twice. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createListen, type ListenInput, type ListenState } from '../../activities/listen.ts'
import { createBackoff } from '../../activities/social/network-backoff.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { openBlockList } from '../../adapters/moderation/block-list.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { SocialError } from '../../adapters/social/social-error.ts'
import { openX } from '../../adapters/social/x.ts'
import { type FakeX, startX } from '../servers/x/start-x.ts'
import { snowflake } from '../servers/x/world.ts'

let fake: FakeX
let store: ObjectStore
let folder: string
beforeAll(async () => {
  fake = await startX({ beatMs: 100 })
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-listening-'))
  store = await openObjectStore({ dataDir: folder })
})
afterAll(async () => {
  await fake?.stop()
  await store?.close()
  await rm(folder, { recursive: true, force: true })
})

const listeners: Listening[] = []
beforeEach(async () => await fake.reset())
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.stop()))
})

interface Listening {
  /** Started job IDs in order; like Temporal, rejects existing ones. */
  started: string[]
  progress: () => (ListenState & { doing: string; reason?: string }) | undefined
  stop: () => Promise<ListenState>
}

const config = {
  network: 'x',
  hashtag: 'MosaicMe',
  optOutWord: 'nomosaic',
  params: { library: 'starter', cell: 32, distance: 5, quality: 90 },
}

function listen(
  mode: 'mentions' | 'stream',
  options: { state?: ListenState; beat?: ListenState } = {},
): Listening {
  const environment = loadEnvironment(fake.environment)
  const x = openX({
    credentials: environment.x!,
    apiUrl: environment.xApiUrl,
    account: environment.xAccount!,
    silenceMs: 400,
  })
  const started: string[] = []
  const step = createListen({
    store,
    networks: [x],
    mosaics: {
      async start({ jobId }) {
        if (started.includes(jobId)) return false
        started.push(jobId)
        return true
      },
    },
    blocked: openBlockList(store),
    moderate: [],
    stopping: new AbortController().signal,
    pace: { poll: 20, round: 60_000, lookBack: 100, backoff: 0.01 },
  })
  const { beat } = options
  const worker = new MockActivityEnvironment(beat ? { heartbeatDetails: beat } : {}, {
    logger: new DefaultLogger('ERROR'),
  })
  let last: ReturnType<Listening['progress']>
  worker.on('heartbeat', (details) => {
    last = structuredClone(details)
  })
  const input: ListenInput = {
    config: { ...config, mode },
    state: options.state ?? { since: Date.now(), mosaics: 0 },
  }
  const running = worker.run(step, input) as Promise<ListenState>
  running.catch(() => {})
  const listening: Listening = {
    started,
    progress: () => last,
    async stop() {
      worker.cancel()
      return await running
    },
  }
  listeners.push(listening)
  return listening
}

const job = ({ id }: { id: string }) => `mosaic-x-${id}`
const wish = (text = '@mosaicbot #mosaicme') => fake.post({ text })
const connected = () => expect.poll(async () => (await fake.state()).stream.open, { timeout: 5_000 }).toBe(1)

describe.each(['mentions', 'stream'] as const)('a listener by %s', (mode) => {
  it('starts one job per post, oldest first', async () => {
    const listener = listen(mode)
    const posts = [await wish(), await wish(), await wish('@mosaicbot look #MosaicMe 日本')]
    await expect.poll(() => listener.started, { timeout: 5_000 }).toEqual(posts.map(job))
    const { sinceId, mosaics } = await listener.stop()
    expect([sinceId, mosaics]).toEqual([posts[2]!.id, 3])
  })

  it('ignores its own posts, reposts, posts without photos, and posts about something else', async () => {
    const listener = listen(mode)
    const first = await wish()
    await fake.post({ text: '@mosaicbot #mosaicme', by: 'mosaicbot' })
    await fake.post({ text: 'RT @mosaicbot #mosaicme', reposts: first.id })
    await fake.post({ text: '@mosaicbot #mosaicme', photos: 0 })
    await fake.post({ text: '@mosaicbot what a day' })
    const last = await wish()
    await expect.poll(() => listener.started, { timeout: 5_000 }).toEqual([job(first), job(last)])
  })

  it('obeys the opt-out word', async () => {
    const listener = listen(mode)
    await fake.post({ text: 'Please @mosaicbot NoMosaic.', by: `quiet_${mode}`, photos: 0 })
    const place = layout.optedOut('x', `quiet_${mode}`)
    await expect.poll(() => store.head(place.bucket, place.key), { timeout: 5_000 }).toBeDefined()
    expect(listener.started).toEqual([])
  })

  it('resumes from its last heartbeat, and handles everything since', async () => {
    const before = await wish()
    const first = listen(mode)
    const seen = await wish()
    await expect.poll(() => first.started, { timeout: 5_000 }).toContain(job(seen))
    await expect.poll(() => first.progress()?.sinceId, { timeout: 5_000 }).toBe(seen.id)
    const beat = first.progress()!
    await first.stop()
    const missed: { id: string }[] = []
    for (let n = 0; n < 120; n++) missed.push(await wish())
    const second = listen(mode, { beat })
    await expect
      .poll(() => missed.every((post) => second.started.includes(job(post))), { timeout: 5_000 })
      .toBe(true)
    expect(second.progress()!.mosaics).toBeGreaterThanOrEqual(beat.mosaics)
    expect(new Set(second.started).size).toBe(second.started.length)
    expect(before.id).toBeDefined()
  })

  it.each([
    { kind: 'refused', status: 401 },
    { kind: 'refused', status: 402 },
    { kind: 'refused', status: 403 },
    { kind: 'refused', status: 429 },
    { kind: 'refused', status: 503 },
    { kind: 'lost' },
    { kind: 'unheard' },
  ] as const)('goes on after %j', async (fault) => {
    await fake.fault({ on: 'GET /2', ...fault })
    const listener = listen(mode)
    const post = await wish()
    await expect.poll(() => listener.started, { timeout: 10_000 }).toContain(job(post))
    await expect.poll(() => listener.progress()?.doing).toBe('listening')
  })

  it('says what it is waiting for, and still ends at once', async () => {
    await fake.fault({ on: 'GET /2', kind: 'refused', status: 429, after: 500, times: 1_000 })
    const listener = listen(mode)
    await expect.poll(() => listener.progress()?.doing, { timeout: 5_000 }).toBe('waiting')
    expect(listener.progress()!.reason).toMatch(/429/)
    await listener.stop()
  })
})

it('finds posts among mentions that show up late', async () => {
  const listener = listen('mentions')
  const late = snowflake(Date.now() - 30_000)
  const post = await wish()
  await expect.poll(() => listener.started, { timeout: 5_000 }).toContain(job(post))
  await fake.post({ text: '@mosaicbot #mosaicme', id: late })
  await expect.poll(() => listener.started, { timeout: 5_000 }).toContain(`mosaic-x-${late}`)
})

it('gets posts from the stream that do not address us', async () => {
  const listener = listen('stream')
  const bare = await wish('just #mosaicme')
  await expect.poll(() => listener.started, { timeout: 5_000 }).toContain(job(bare))
})

it.each(['stall', 'cut', 'end', 'twice', 'disorder', 'split'] as const)(
  'misses nothing and takes nothing twice when the stream does this: %s',
  async (fault) => {
    const listener = listen('stream')
    await connected()
    await fake.streamFault(fault)
    const posts = [await wish('@mosaicbot 名前 #mosaicme'), await wish('@mosaicbot 名前 #mosaicme')]
    await expect
      .poll(() => posts.every((post) => listener.started.includes(job(post))), { timeout: 10_000 })
      .toBe(true)
    expect(new Set(listener.started).size).toBe(listener.started.length)
  },
)

it('waits while another listener holds the stream: two listeners, one connection', async () => {
  const first = listen('stream')
  await connected()
  const second = listen('stream')
  await expect.poll(() => second.progress()?.doing, { timeout: 5_000 }).toBe('waiting')
  expect(second.progress()!.reason).toMatch(/connection limit/)
  const heard = await wish()
  await expect.poll(() => first.started, { timeout: 5_000 }).toContain(job(heard))
  expect(second.started).toEqual([])
  await first.stop()
  const next = await wish()
  await expect.poll(() => second.started, { timeout: 10_000 }).toContain(job(next))
  expect((await fake.state()).stream.mostAtOnce).toBe(1)
})

describe('the backoff', () => {
  const times = (error: SocialError, count: number) => {
    const backoff = createBackoff()
    return Array.from({ length: count }, () => backoff.after(error) / 1000)
  }

  it('follows X’s rules for streams', () => {
    const connection = times(new SocialError('social_connection_lost', ''), 100)
    expect([connection[0], connection[1], connection[99]]).toEqual([0.25, 0.5, 16])
    expect(times(new SocialError('social_unavailable', ''), 8)).toEqual([5, 10, 20, 40, 80, 160, 320, 320])
    expect(times(new SocialError('social_too_many_connections', ''), 3)).toEqual([60, 120, 240])
    expect(times(new SocialError('social_rate_limited', '', { retryAfterSeconds: 77 }), 2)).toEqual([77, 77])
  })
})
