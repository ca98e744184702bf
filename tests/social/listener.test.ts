/** A listener end to end: from a post on a fake X to the reply, through API and Temporal. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import { type ObjectStore, ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import { openSocialNetworks } from '../../adapters/social/open-social-networks.ts'
import { type Api, problemOf, startApi } from '../api/api.ts'
import { type FakeX, startX } from '../servers/x/start-x.ts'
import type { Stack, StackOptions } from '../workflows/stack.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'

let fake: FakeX
let api: Api & { stack: Stack }
const pace: NonNullable<StackOptions['listenPace']> = {
  poll: 50,
  round: 60_000,
  lookBack: 500,
  backoff: 0.01,
}

/** The store's error when it is to remember who wants no replies, while it is set. */
let refusal: ObjectStoreError | undefined
const optedOut = layout.optedOut('x', 'quiet')

function refusing(store: ObjectStore): ObjectStore {
  const put = store.put.bind(store)
  store.put = async (...args) => {
    if (refusal && args[1] === optedOut.key) throw refusal
    return await put(...args)
  }
  return store
}

beforeAll(async () => {
  fake = await startX()
  const env = { ...fake.environment, LISTEN_LIBRARY: 'small' }
  const networks = await openSocialNetworks(loadEnvironment(env))
  const options = { networks, fetchAllowHosts: [fake.host], listenPace: pace, wrapStore: refusing }
  api = await startApi(env, options)
  await addStripedTiles(api.store)
})
afterAll(async () => {
  await api?.stop()
  await fake?.stop()
})
beforeEach(async () => {
  await fake.reset()
  // Their mosaics are ten times as wide.
  await fake.set({ photoScale: 0.4 })
})
afterEach(async () => {
  pace.round = 60_000
  refusal = undefined
  await stop()
})

interface Told {
  status: string
  mosaics: number
  since_id: string | null
  reason?: string
}

const start = () => api.post('/v1/listeners/x/start', {})
async function stop(): Promise<void> {
  await api.post('/v1/listeners/x/stop', {})
  await expect.poll(async () => (await told()).status, { timeout: 10_000 }).toBe('stopped')
}
async function told(): Promise<Told> {
  const { data } = (await (await api.request('/v1/listeners')).json()) as { data: Told[] }
  return data[0]!
}
const answered = async () => (await fake.state()).own.map(({ reply_to }) => reply_to).sort()
// Next to other suites on two cores, a mosaic may take a while.
const eventually = { timeout: 55_000, interval: 200 }

it('replies to a post with its mosaic, credits the author, and reports it', async () => {
  expect((await start()).status).toBe(202)
  const { id } = await fake.post({ text: '@mosaicbot #mosaicme', by: 'ann', name: 'Änn 🎨' })
  await expect.poll(answered, eventually).toEqual([id])
  const jobId = `mosaic-x-${id}`
  await expect.poll(async () => (await api.job(jobId)).status, eventually).toBe('succeeded')
  const { own } = await fake.state()
  expect(own[0]!.text).toBe(`Hi @ann Here is your mosaic: https://mosaics.example/mosaic/${jobId}`)
  expect(await api.job(jobId)).toMatchObject({
    result: { publication: { status: 'published', url: `https://x.com/mosaicbot/status/${own[0]!.id}` } },
  })
  expect(await api.gallery.get(jobId)).toMatchObject({
    username: 'ann',
    author: 'Änn 🎨',
    post_url: `https://x.com/ann/status/${id}`,
  })
  await expect.poll(async () => (await told()).since_id, eventually).toBe(id)
  expect(await told()).toMatchObject({
    status: 'listening',
    mode: 'mentions',
    account: 'mosaicbot',
    mosaics: 1,
  })
})

it('resumes where it was stopped, and two starts are one listener', async () => {
  await Promise.all([start(), start(), start()])
  const first = await fake.post({ text: '@mosaicbot #mosaicme' })
  await expect.poll(async () => (await told()).since_id, eventually).toBe(first.id)
  await stop()
  const meanwhile = await fake.post({ text: '@mosaicbot #mosaicme' })
  await start()
  await expect.poll(answered, eventually).toEqual([first.id, meanwhile.id])
  const again = await start()
  expect(again.status).toBe(202)
  expect((await api.post('/v1/listeners/x/start', {})).status).toBe(202)
})

it('continues as new now and then, without missing posts', async () => {
  pace.round = 120
  await start()
  const handle = api.client.workflow.getHandle('listener-x-mosaicbot')
  const { runId } = await handle.describe()
  const posts = [await fake.post({ text: '@mosaicbot #mosaicme' })]
  await expect.poll(async () => (await handle.describe()).runId, eventually).not.toBe(runId)
  posts.push(await fake.post({ text: '@mosaicbot #mosaicme' }))
  await expect.poll(answered, eventually).toEqual(posts.map(({ id }) => id))
  const { events } = await api.client.workflow.getHandle('listener-x-mosaicbot', runId).fetchHistory()
  expect(events!.length).toBeLessThan(150)
  // Each run's memo begins with what the run begins with, not with what the first one did.
  const begins = async () => {
    const [{ workflowExecutionStartedEventAttributes: begun } = {}] =
      (await handle.fetchHistory()).events ?? []
    const json = (payload: { data?: Uint8Array | null } | null | undefined) =>
      JSON.parse(Buffer.from(payload!.data!).toString()) as { state: { sinceId?: string } }
    return { job: json(begun?.input?.payloads?.[0]), memo: json(begun?.memo?.fields?.listener) }
  }
  await expect.poll(async () => (await begins()).job.state.sinceId, eventually).toBe(posts[1]!.id)
  const { job, memo } = await begins()
  expect(memo).toEqual(job)
})

it('says why it cannot go on, and goes on as soon as somebody has dealt with it', async () => {
  refusal = new ObjectStoreError('store_forbidden', 'The store refuses our key.')
  await start()
  const { id } = await fake.post({ text: '@mosaicbot nomosaic', by: 'quiet', photos: 0 })
  await expect
    .poll(told, eventually)
    .toMatchObject({ status: 'waiting', reason: 'The store refuses our key.' })
  refusal = undefined
  // Otherwise it would wait for a minute.
  await start()
  await expect.poll(async () => (await told()).since_id, eventually).toBe(id)
  expect(await told()).not.toHaveProperty('reason')
  expect(await api.store.head(optedOut.bucket, optedOut.key)).toBeDefined()
})

it('cannot be stopped if it is not running, or started without credentials', async () => {
  expect(await problemOf(await api.post('/v1/listeners/x/stop', {}))).toMatchObject({
    code: 'listener_not_found',
  })
  expect(await problemOf(await api.post('/v1/listeners/plaza/start', {}))).toMatchObject({
    status: 409,
    code: 'network_not_configured',
  })
  const bare = api.with({ environment: loadEnvironment({}) })
  expect(await (await bare.request('/v1/listeners')).json()).toEqual({ data: [] })
})
