/** Collectors, through API and Temporal: photos from a fake X become tiles, within a budget. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { listTiles, removeTiles } from '../../activities/tile-library/index.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { type ObjectStore, ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import { openSocialNetworks } from '../../adapters/social/open-social-networks.ts'
import { libraryOf } from '../../api/social/collectors.ts'
import { type Api, problemOf, startApi } from '../api/api.ts'
import { type FakeX, startX } from '../servers/x/start-x.ts'
import { lastAttempts } from '../workflows/last-attempts.ts'

let fake: FakeX
let api: Api
/** The store's error for tiles, while it is set. */
let refusal: ObjectStoreError | undefined
/** Called when the tiles of this library are listed. */
let listed: { library: string; before: () => Promise<void> } | undefined

function disturbed(store: ObjectStore): ObjectStore {
  const [put, list] = [store.put.bind(store), store.list.bind(store)]
  store.put = async (...args) => {
    if (refusal && args[0] === 'raw') throw refusal
    return await put(...args)
  }
  store.list = async (...args) => {
    if (listed && args[1]?.prefix?.includes(listed.library)) await listed.before()
    return await list(...args)
  }
  return store
}

beforeAll(async () => {
  fake = await startX()
  const networks = await openSocialNetworks(loadEnvironment(fake.environment))
  const options = { networks, fetchAllowHosts: [fake.host], wrapStore: disturbed }
  api = await startApi(fake.environment, options)
})
afterAll(async () => {
  await api?.stop()
  await fake?.stop()
})
beforeEach(async () => {
  await fake.reset()
})

interface Told {
  id: string
  status: string
  reads_today: number
  reads: number
  added: number
  daily_reads: number
  reason?: string
}

const eventually = { timeout: 20_000, interval: 200 }

async function start(library: string, options: object = {}): Promise<Told> {
  const body = { hashtags: [`#${library}`], library, smallest_side: 100, every_seconds: 1, ...options }
  const answer = await api.post('/v1/collectors', body)
  expect(answer.status).toBe(202)
  return (await answer.json()) as Told
}
async function told(id: string): Promise<Told | undefined> {
  const { data } = (await (await api.request('/v1/collectors')).json()) as { data: Told[] }
  return data.find((one) => one.id === id)
}
const act = (id: string, verb: string) => api.post(`/v1/collectors/${id}/${verb}`, {})
const status = async (id: string) => (await told(id))?.status
const sourcesOf = async (library: string) =>
  (await listTiles({ store: api.store, library }).catch(() => [])).map(({ source }) => source)

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

async function posts(count: number, hashtag: string, options: object = {}) {
  const made: { id: string }[] = []
  for (let n = 0; n < count; n++)
    made.push(await fake.post({ text: `${n} #${hashtag}`, by: `p${n}`, ...options }))
  return made
}

describe('a collector', () => {
  it('makes tiles of all photos under a hashtag, with credit to their authors', async () => {
    const [post] = await posts(1, 'clouds', { by: 'ann', name: 'Änn 🎨', photos: 3 })
    const { id } = await start('clouds')
    await expect.poll(() => status(id), eventually).toBe('resting')
    const tiles = await listTiles({ store: api.store, library: 'clouds' })
    const url = `https://x.com/ann/status/${post!.id}`
    expect(tiles.map(({ source }) => source).sort()).toEqual([url, `${url}#2`, `${url}#3`])
    expect(tiles[0]!.author).toEqual({ name: 'Änn 🎨', handle: 'ann', url })
    await posts(1, 'clouds', { by: 'ben' })
    await expect.poll(async () => (await sourcesOf('clouds')).length, eventually).toBe(4)
    // Nothing is read twice.
    await expect.poll(async () => (await told(id))?.reads, eventually).toBe(2)
    await act(id, 'stop')
    await expect.poll(() => status(id), eventually).toBe('stopped')
    expect((await api.store.list('in', { prefix: `${id}/` })).objects).toEqual([])
  })

  it('applies its filters', async () => {
    await posts(1, 'sky', { by: 'mosaicbot' })
    await posts(1, 'sky', { sensitive: true })
    await posts(1, 'sky', { lang: 'de', by: 'german' })
    await posts(6, 'sky', { by: 'busy' })
    const { id } = await start('sky', { languages: ['en'], photos_per_author: 2 })
    await expect.poll(() => status(id), eventually).toBe('resting')
    const sources = await sourcesOf('sky')
    expect(sources).toHaveLength(2)
    expect(sources.every((source) => source.includes('/busy/'))).toBe(true)
    await act(id, 'stop')

    await posts(2, 'tiny')
    const small = await start('tiny', { smallest_side: 121 })
    await expect.poll(() => status(small.id), eventually).toBe('resting')
    expect(await sourcesOf('tiny')).toEqual([])
    await act(small.id, 'stop')
  })

  it('stops within a page of its budget, and says so', async () => {
    await posts(160, 'sea')
    const before = (await fake.state()).postsRead
    const { id } = await start('sea', { daily_reads: 130 })
    await expect.poll(() => status(id), eventually).toBe('budget_spent')
    const read = (await fake.state()).postsRead - before
    expect(read).toBeGreaterThanOrEqual(130)
    expect(read).toBeLessThanOrEqual(230)
    expect((await told(id))!.reads_today).toBe(read)
    // With a larger one, it resumes: nothing is read twice.
    await start('sea', { daily_reads: 500 })
    await expect.poll(() => status(id), eventually).toBe('resting')
    expect((await fake.state()).postsRead - before).toBe(160)
    await act(id, 'stop')
  })

  it('can be paused, resumed and stopped, next to others', async () => {
    const [a, b] = [await start('dawn'), await start('dusk')]
    await expect
      .poll(async () => [await status(a.id), await status(b.id)], eventually)
      .toEqual(['resting', 'resting'])
    await act(a.id, 'pause')
    await expect.poll(() => status(a.id), eventually).toBe('paused')
    await posts(1, 'dawn')
    await posts(1, 'dusk')
    await expect.poll(async () => (await sourcesOf('dusk')).length, eventually).toBe(1)
    expect(await sourcesOf('dawn')).toEqual([])
    await act(a.id, 'resume')
    await expect.poll(async () => (await sourcesOf('dawn')).length, eventually).toBe(1)
    for (const { id } of [a, b]) {
      await act(id, 'stop')
      await expect.poll(() => status(id), eventually).toBe('stopped')
    }
    expect(await problemOf(await act(a.id, 'pause'))).toMatchObject({ status: 409, code: 'already_finished' })
    await posts(1, 'dawn', { by: 'late' })
    await start('dawn')
    await expect.poll(async () => (await sourcesOf('dawn')).length, eventually).toBe(2)
    await act(a.id, 'stop')
  })

  it('stops reading when the library is full, and goes on when tiles are removed', async () => {
    await posts(5, 'snow')
    const { id } = await start('snow', { tiles_at_most: 3 })
    await expect.poll(() => status(id), eventually).toBe('full')
    await posts(1, 'snow', { by: 'late' })
    const tiles = await listTiles({ store: api.store, library: 'snow' })
    const tileIds = tiles.slice(0, 3).map((tile) => tile.id)
    await removeTiles({ store: api.store, library: 'snow', tileIds })
    const authors = async () =>
      (await listTiles({ store: api.store, library: 'snow' })).map(({ author }) => author?.handle)
    await expect.poll(authors, eventually).toContain('late')
    await expect.poll(() => status(id), eventually).toBe('full')
    await act(id, 'stop')
  })

  it('pauses and says why if X rejects it for good, and can be resumed', async () => {
    await posts(1, 'hail')
    await fake.fault({
      on: 'GET /2/tweets/search',
      kind: 'refused',
      status: 400,
      detail: 'No such operator.',
    })
    const { id } = await start('hail')
    await expect.poll(() => status(id), eventually).toBe('paused')
    expect((await told(id))!.reason).toMatch(/400/)
    await act(id, 'resume')
    await expect.poll(() => status(id), eventually).toBe('resting')
    expect((await told(id))!.reason).toBeUndefined()
    expect(await sourcesOf('hail')).toHaveLength(1)
    await act(id, 'stop')
  })

  it('counts what it has read, although no tiles can be made of it', async () => {
    await posts(2, 'frost')
    onTestFinished(() => {
      refusal = undefined
    })
    refusal = new ObjectStoreError('store_forbidden', 'The store refuses our key.')
    const { id } = await start('frost')
    await expect.poll(() => status(id), eventually).toBe('paused')
    expect(await told(id)).toMatchObject({ reads_today: 2, reason: 'The store refuses our key.' })
    refusal = undefined
    await act(id, 'resume')
    await expect.poll(() => status(id), eventually).toBe('resting')
    expect(await told(id)).toMatchObject({ reads_today: 4, added: 2 })
    await act(id, 'stop')
  })

  it('obeys a signal that arrives while it counts a full library in vain', async () => {
    await posts(1, 'ice')
    const { id } = await start('ice', { tiles_at_most: 1 })
    await expect.poll(() => status(id), eventually).toBe('full')
    const [counting, release, again] = [deferred(), deferred(), deferred()]
    onTestFinished(() => {
      listed = undefined
    })
    listed = {
      library: 'ice',
      async before() {
        listed = { library: 'ice', before: async () => again.resolve() }
        counting.resolve()
        await release.promise
        throw new ObjectStoreError('store_forbidden', 'The store refuses our key.')
      },
    }
    await counting.promise
    await act(id, 'resume')
    release.resolve()
    await again.promise
    expect(await told(id)).toMatchObject({ status: 'full' })
    expect(await told(id)).not.toHaveProperty('reason')
    await act(id, 'stop')
  })

  it('waits for a store that is out of reach, however long: no step has a last attempt', async () => {
    await posts(1, 'mud')
    const { id } = await start('mud', { tiles_at_most: 1 })
    const handle = api.client.workflow.getHandle(id)
    await expect
      .poll(async () => lastAttempts((await handle.fetchHistory()).events), eventually)
      .toEqual({ collect: 0, indexTiles: 0, discardWork: 0, countTiles: 0 })
    await act(id, 'stop')
  })

  it('obeys signals while it reads a page', async () => {
    await posts(1, 'fog')
    await posts(1, 'mist')
    await fake.fault({ on: 'GET /2/tweets/search', kind: 'refused', status: 429, after: 2 })
    const { id } = await start('fog', { every_seconds: 3_600 })
    await expect.poll(async () => (await told(id))?.reason, eventually).toMatch(/429/)
    await act(id, 'pause')
    await expect.poll(() => status(id), eventually).toBe('paused')
    expect(await sourcesOf('fog')).toHaveLength(1)
    // Other hashtags do not wait for the end of a rest, and start at their first post.
    await act(id, 'resume')
    await expect.poll(() => status(id), eventually).toBe('resting')
    await start('fog', { hashtags: ['mist'], every_seconds: 3_600 })
    await expect.poll(async () => (await sourcesOf('fog')).length, eventually).toBe(2)
    await act(id, 'stop')
  })

  it('says why X makes it wait, and continues afterwards', async () => {
    await posts(1, 'rain')
    await fake.fault({ on: 'GET /2/tweets/search', kind: 'refused', status: 429, after: 3 })
    const { id } = await start('rain')
    await expect.poll(async () => (await told(id))?.reason, eventually).toMatch(/429/)
    await expect.poll(() => status(id), eventually).toBe('resting')
    expect(await sourcesOf('rain')).toHaveLength(1)
    await act(id, 'stop')
  })
})

it('is rejected with a message if it is invalid', async () => {
  const refused = async (body: object) => await problemOf(await api.post('/v1/collectors', body))
  expect(await refused({ hashtags: ['two words'], library: 'x' })).toMatchObject({ status: 422 })
  expect(await refused({ hashtags: ['a'], library: 'No Good' })).toMatchObject({ status: 422 })
  expect(await refused({ hashtags: ['a'], library: 'a', network: 'plaza' })).toMatchObject({
    code: 'network_not_configured',
  })
  expect(await problemOf(await act('collector-x-none', 'stop'))).toMatchObject({
    code: 'collector_not_found',
  })
})

it('fills a library named after the hashtag, in any script', () => {
  expect(libraryOf('Cloud_Watching')).toBe('cloud-watching')
  expect(libraryOf('雲')).toMatch(/^hashtag-[0-9a-f]{12}$/)
})
