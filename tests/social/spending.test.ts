/** X's costs are counted over all processes, and limited per day. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { openLedger, readSpending } from '../../adapters/social/ledger.ts'
import { openX } from '../../adapters/social/x.ts'
import { type Api, startApiWithoutWorkers } from '../api/api.ts'
import { type FakeX, startX } from '../servers/x/start-x.ts'

let fake: FakeX
let store: ObjectStore
let folder: string
let api: Api
beforeAll(async () => {
  fake = await startX()
  api = await startApiWithoutWorkers({ ...fake.environment, X_DAILY_BUDGET_USD: '5' })
})
afterAll(async () => {
  await api?.stop()
  await fake?.stop()
  await store?.close()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-spending-'))
  store = await openObjectStore({ dataDir: folder })
  await fake.reset()
})

let clock = Date.parse('2026-11-21T12:00:00Z')
const now = () => clock

function network(capUsd: number, into = store) {
  const environment = loadEnvironment(fake.environment)
  const ledger = openLedger({ store: into, network: 'x', capUsd, now })
  const x = openX({
    credentials: environment.x!,
    apiUrl: environment.xApiUrl,
    account: environment.xAccount!,
    ledger,
  })
  return {
    search: () => x.read({ kind: 'search', query: { hashtags: ['sea'] } }, { limit: 10 }),
    mentions: () => x.read({ kind: 'mentions' }, { limit: 10 }),
  }
}

it('counts by kind over all processes, at the price of each', async () => {
  for (let n = 0; n < 10; n++) await fake.post({ text: '@mosaicbot #sea' })
  const [a, b] = [network(5), network(5)]
  await a.search()
  await b.mentions()
  const { calls, usd } = await readSpending(store, 'x', '2026-11-21')
  expect(calls).toEqual({ post_read: 10, mention_read: 10 })
  expect(usd).toBeCloseTo(0.06)
})

it('stops within a page of the limit, whichever process spent it, until midnight', async () => {
  for (let n = 0; n < 10; n++) await fake.post({ text: '#sea' })
  const [a, b] = [network(0.12), network(0.12)]
  const before = (await fake.state()).postsRead
  for (let n = 0; n < 5; n++) await a.search().catch(() => {})
  // 24 posts for 12 cents, and the page in progress.
  expect((await fake.state()).postsRead - before).toBe(30)
  await expect(b.search()).rejects.toMatchObject({
    code: 'social_budget_spent',
    retryable: true,
    retryAfterSeconds: 12 * 60 * 60,
    message: expect.stringContaining('$0.15 of $0.12'),
  })
  clock = Date.parse('2026-11-22T00:00:01Z')
  expect((await b.search()).reads).toBe(10)
  expect((await a.search()).reads).toBe(10)
})

it('is in the API and in the metrics', async () => {
  clock = Date.now()
  for (let n = 0; n < 4; n++) await fake.post({ text: '#sea' })
  await network(5, api.store).search()
  const { data } = (await (await api.request('/v1/spending')).json()) as { data: object[] }
  expect(data).toEqual([
    {
      ...{ network: 'x', day: new Date(clock).toISOString().slice(0, 10), usd: 0.02, cap_usd: 5 },
      ...{ usd_per_answer: null, calls: { post_read: 4 } },
    },
  ])
  const metrics = await (await api.request('/metrics')).text()
  expect(metrics).toContain('mosaicme_social_spent_usd{network="x"} 0.02')
  expect(metrics).toContain('mosaicme_social_calls{network="x",call="post_read"} 4')
})
