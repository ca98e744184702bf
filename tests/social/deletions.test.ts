/** Deleted posts: everything made from them is removed. */

import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFindGone, type GonePosts } from '../../activities/find-gone.ts'
import { createForgetPosts, type Forgotten } from '../../activities/forget-posts.ts'
import { addTiles, listTiles } from '../../activities/tile-library/index.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { openSocialNetworks } from '../../adapters/social/open-social-networks.ts'
import { SocialError } from '../../adapters/social/social-error.ts'
import { type Api, startApi } from '../api/api.ts'
import { type FakeX, startX } from '../servers/x/start-x.ts'
import { photo, tilePhoto } from '../workflows/pictures.ts'
import type { Stack } from '../workflows/stack.ts'
import { plaza } from './plaza.ts'

let fake: FakeX
let api: Api & { stack: Stack }
beforeAll(async () => {
  fake = await startX()
  const networks = await openSocialNetworks(loadEnvironment(fake.environment))
  api = await startApi(fake.environment, { networks, fetchAllowHosts: [fake.host] })
})
afterAll(async () => {
  await api?.stop()
  await fake?.stop()
})

interface Told {
  status: string
  reason?: string
  looked_up: number
  gone: number
  tiles: number
  mosaics: number
  looked_at: string | null
}

const look = async () => (await (await api.post('/v1/deletions/x/look', {})).json()) as Told
const told = async () => (await (await api.request('/v1/deletions/x')).json()) as Told
const sources = async () =>
  (await listTiles({ store: api.store, library: 'mixed' })).map(({ source }) => source)
const planOf = async (id: string) => await (await api.request(`/v1/jobs/${id}/files/plan.json`)).text()

it('removes tiles and mosaics of deleted posts, and their credits in other plans', async () => {
  const tiled = await Promise.all(['ann', 'ben'].map((by) => fake.post({ text: '#sea', by })))
  const asking = await Promise.all(['kim', 'lea'].map((by) => fake.post({ text: '#mosaicme', by })))
  const [annsTile, bensTile] = tiled.map(({ id }, n) => `https://x.com/${['ann', 'ben'][n]}/status/${id}`)
  async function* photos() {
    for (let n = 0; n < 40; n++) {
      const source = n < 10 ? `${annsTile}#${n + 1}` : n < 20 ? `${bensTile}#${n + 1}` : `own photo ${n}`
      const handle = n < 10 ? 'ann' : n < 20 ? 'ben' : 'own'
      yield { name: source, bytes: await tilePhoto(n), author: { handle } }
    }
  }
  await addTiles({ store: api.store, library: 'mixed', photos: photos() })
  const params = { library: 'mixed', cell: 16, scale: 2, distance: 1, quality: 85 }
  const source = await api.stack.upload(await photo())
  const ids = await Promise.all(
    asking.map(async ({ id }, n) => {
      const handle = ['kim', 'lea'][n]!
      const post = { network: 'x', id, url: `https://x.com/${handle}/status/${id}`, handle, author: handle }
      const started = await api.client.workflow.start('mosaic', {
        workflowId: `mosaic-x-${id}`,
        taskQueue: 'orchestration',
        args: [{ source, params, post, author: { handle } }],
        memo: { params },
      })
      await started.result()
      return started.workflowId
    }),
  )
  const [kims, leas] = ids as [string, string]
  expect(await planOf(leas)).toContain('/ann/')

  await look()
  await expect.poll(async () => (await look()).looked_at, { timeout: 20_000 }).not.toBeNull()
  expect(await sources()).toHaveLength(40)

  await fake.delete(tiled[0]!.id)
  await fake.delete(asking[0]!.id)
  await expect
    .poll(look, { timeout: 20_000, interval: 300 })
    .toMatchObject({ gone: 2, tiles: 10, mosaics: 1 })
  const left = await sources()
  expect(left).toHaveLength(30)
  expect(left.join()).not.toContain('/ann/')
  expect((await api.request(`/v1/jobs/${kims}`)).status).toBe(410)
  expect(await api.gallery.get(kims)).toBeUndefined()
  expect((await api.store.list('large', { prefix: kims })).objects).toEqual([])

  expect((await api.request(`/v1/jobs/${leas}`)).status).toBe(200)
  const plan = await planOf(leas)
  expect(plan).not.toContain('"ann"')
  expect(plan).not.toContain('/ann/')
  expect(plan).toContain('/ben/')
})

it('continues when a library has lost its last tile', async () => {
  const { id } = await fake.post({ text: '#lone', by: 'ann' })
  const only = { name: `https://x.com/ann/status/${id}`, bytes: await tilePhoto(200) }
  await addTiles({ store: api.store, library: 'lone', photos: [only] })
  await fake.delete(id)
  const before = (await look()).gone
  await expect.poll(async () => (await look()).gone, { timeout: 20_000, interval: 300 }).toBe(before + 1)
  const { looked_at } = await look()
  await expect
    .poll(async () => (await look()).looked_at, { timeout: 20_000, interval: 300 })
    .not.toBe(looked_at)
  const { status } = await api.client.workflow.getHandle('deletions-x').describe()
  expect(status.name).toBe('RUNNING')
})

it('says why a look failed for good, and goes on from there: the next day, or started anew', async () => {
  const eventually = { timeout: 20_000, interval: 100 }
  // As often as looks of the test before are still to come.
  await fake.fault({ on: 'GET /2/tweets', kind: 'refused', status: 404, times: 1_000 })
  await look()
  const failed = { status: 'resting', reason: expect.stringContaining('404') }
  await expect.poll(told, eventually).toMatchObject(failed)
  const { looked_up, looked_at, gone } = await told()

  await fake.calm()
  await look()
  await expect.poll(async () => (await told()).looked_at, eventually).not.toBe(looked_at)
  const handle = api.client.workflow.getHandle('deletions-x')
  await handle.terminate()
  const later = await told()
  expect(later).toMatchObject({ status: 'stopped', gone })
  expect(later.looked_up).toBeGreaterThan(looked_up)
  expect(later).not.toHaveProperty('reason')

  await look()
  await expect.poll(async () => (await told()).looked_at, eventually).not.toBe(later.looked_at)
  expect((await told()).looked_up).toBeGreaterThan(later.looked_up)
})

it('respects its limit, and resumes there the next time', async () => {
  await fake.reset()
  const posts: { id: string }[] = []
  for (let n = 0; n < 5; n++) posts.push(await fake.post({ text: '#few', by: 'ann' }))
  async function* photos() {
    for (const [n, { id }] of posts.entries())
      yield { name: `https://x.com/ann/status/${id}`, bytes: await tilePhoto(100 + n) }
  }
  await addTiles({ store: api.store, library: 'few', photos: photos() })
  const find = async (afterId?: string) => {
    const networks = await openSocialNetworks(loadEnvironment(fake.environment))
    const step = createFindGone({ store: api.store, networks })
    return (await new MockActivityEnvironment().run(step, {
      ...{ network: 'x', limit: 3 },
      ...(afterId !== undefined && { afterId }),
    })) as GonePosts
  }
  await fake.delete(posts[4]!.id)
  // Posts of the previous test are older, and were deleted by the reset, so they come first.
  const rounds = [await find()]
  while (rounds.at(-1)!.afterId !== undefined) rounds.push(await find(rounds.at(-1)!.afterId))
  expect(rounds.every(({ lookedUp }) => lookedUp <= 3)).toBe(true)
  expect(rounds.flatMap(({ gone }) => gone)).toContain(posts[4]!.id)
  expect(rounds.flatMap(({ gone }) => gone)).not.toContain(posts[3]!.id)
})

it('takes no mosaic of an inbox for one that a post has asked for, although the inbox is named after the network', async () => {
  const { store, gallery } = api
  const place = (id: string) => `mosaic-plaza-${id}.json`
  const sha256 = '0123456789abcdef'.repeat(2)
  const scans = [sha256, `scans-${sha256}`]
  await store.put('small', place('77'), Buffer.from('{"post":{"network":"plaza","id":"77"}}'))
  for (const id of scans) await store.put('small', place(id), Buffer.from('{"id":"of an inbox"}'))
  const networks = [plaza({ findGone: async (ids) => [...ids] })]
  const run = async <Input, Result>(step: (input: Input) => Promise<Result>, input: Input) =>
    (await new MockActivityEnvironment().run(step, input)) as Result

  const found = await run(createFindGone({ store, networks }), { network: 'plaza', limit: 10 })
  expect(found).toEqual({ gone: ['77'], lookedUp: 1 } satisfies GonePosts)
  const ids = ['77', ...scans]
  const forgotten = await run(createForgetPosts({ store, gallery, networks }), { network: 'plaza', ids })
  expect(forgotten).toEqual({ tiles: 0, mosaics: 1, plans: 0 } satisfies Forgotten)
  expect(await store.head('small', place('77'))).toBeUndefined()
  for (const id of scans) expect(await store.head('small', place(id)), id).toBeDefined()
})

it('takes a server without a look-up of posts for no word about any of them', async () => {
  await api.store.put('small', 'mosaic-plaza-88.json', Buffer.from('{"post":{"network":"plaza","id":"88"}}'))
  const missing = new SocialError('social_post_gone', 'It answered 404.', { retryable: false })
  const findGone = async () => Promise.reject(missing)
  const step = createFindGone({ store: api.store, networks: [plaza({ findGone })] })
  const worker = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') })
  await expect(worker.run(step, { network: 'plaza', limit: 10 })).rejects.toMatchObject({
    type: 'social_refused',
    nonRetryable: true,
  })
})
