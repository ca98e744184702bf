/** Mastodon's adapter with a fake server over a socket; and a post from there to its reply. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listTilesSoFar } from '../../activities/tile-library/index.ts'
import { EnvironmentError, loadEnvironment } from '../../adapters/environment.ts'
import { plainText, postIdOf } from '../../adapters/social/mastodon/statuses.ts'
import { openMastodon } from '../../adapters/social/mastodon.ts'
import { openSocialNetworks } from '../../adapters/social/open-social-networks.ts'
import type { Post, SeenPost, SocialNetwork } from '../../adapters/social/social-network.ts'
import { freePort } from '../../cli/free-port.ts'
import { startApi } from '../api/api.ts'
import { type FakeMastodon, startMastodon } from '../servers/mastodon/start-mastodon.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'

let fake: FakeMastodon
let mastodon: SocialNetwork
beforeAll(async () => {
  fake = await startMastodon()
  mastodon = open()
})
afterAll(() => fake?.stop())
beforeEach(async () => {
  await fake.reset()
  await fake.set({ pendingLooks: 0 })
})

function open(changes: NodeJS.ProcessEnv = {}, silenceMs = 10_000): SocialNetwork {
  const environment = loadEnvironment({ ...fake.environment, ...changes })
  return openMastodon({ ...environment.mastodon!, silenceMs, pollMs: 10 })
}
const asPost = (id: string): Post => ({
  ...{ network: 'mastodon', id, url: '', handle: 'ann@away.example', author: 'Ann', summonsUs: true },
})
const picture = { picture: new Uint8Array(50_000), contentType: 'image/jpeg', altText: 'A mosaic' }
const search = (...hashtags: string[]) => ({ kind: 'search', query: { hashtags } }) as const

describe('Mastodon, read', () => {
  it('reads posts under hashtags', async () => {
    await fake.post({ text: 'words only #sea', photos: 0 })
    await fake.post({ text: 'quietly #sea', visibility: 'unlisted' })
    const { id } = await fake.post({
      ...{ text: 'Blick & "Meer" <3 #Sea @mosaicbot', by: 'änn@away.example', name: 'Änn 🎨', photos: 2 },
      ...{ language: 'de', sensitive: true },
    })
    const other = await fake.post({ text: '#lake' })
    const { posts, reads } = await mastodon.read(search('sea', 'lake'), {})
    expect(posts.map((post) => post.id)).toEqual([other.id, id])
    expect(reads).toBe(2)
    expect(posts[1]).toMatchObject({
      ...{
        network: 'mastodon',
        handle: 'änn@away.example',
        author: 'Änn 🎨',
        language: 'de',
        sensitive: true,
      },
      ...{ text: 'Blick & "Meer" <3 #Sea @mosaicbot', hashtags: ['sea'], summonsUs: true, byUs: false },
      photos: [{ url: expect.stringContaining('/photos/'), width: 160, height: 120 }, {}],
    })
    expect(mastodon.postIdOf(posts[1]!.url)).toBe(id)
    expect(mastodon.timeOf(id)).toBeGreaterThan(Date.now() - 60_000)
    expect(mastodon.idAt(mastodon.timeOf(id)).length).toBe(id.length)
  })

  it('reads pages, by language as well, and starts after a post', async () => {
    const ids: string[] = []
    for (let n = 0; n < 12; n++)
      ids.push((await fake.post({ text: `${n} #pages`, language: n < 6 ? 'en' : 'de' })).id)
    const german = { kind: 'search', query: { hashtags: ['pages'], languages: ['en'] } } as const
    const first = await mastodon.read(german, { limit: 5 })
    expect(first).toMatchObject({ posts: [], reads: 5, more: true, oldestId: ids[7] })
    const second = await mastodon.read(german, { limit: 40, untilId: first.oldestId })
    expect(second.posts.map(({ id }) => id)).toEqual(ids.slice(0, 6).reverse())
    expect((await mastodon.read(search('pages'), { sinceId: ids[9]! })).reads).toBe(2)
  })

  it('reads mentions after a post; private ones have text and no picture', async () => {
    const old = await fake.post({ text: '@mosaicbot #mosaicme' })
    const open = await fake.post({ text: '@mosaicbot #mosaicme again' })
    const secret = await fake.post({ text: '@mosaicbot nomosaic', visibility: 'direct' })
    const { posts, more } = await mastodon.read({ kind: 'mentions' }, { sinceId: old.id })
    expect(posts.map(({ id, photos }) => [id, photos.length])).toEqual([
      [secret.id, 0],
      [open.id, 1],
    ])
    expect(more).toBe(false)
  })

  it('finds deleted posts, many at a time', async () => {
    const ids: string[] = []
    for (let n = 0; n < 30; n++) ids.push((await fake.post({ text: `${n}` })).id)
    await fake.delete(ids[3]!)
    await fake.delete(ids[27]!)
    expect(await mastodon.findGone(ids)).toEqual([ids[3], ids[27]])
  })

  it.each([
    ['<p>one</p><p>two<br />three</p>', 'one\ntwo\nthree'],
    [
      '<p><a href="x">#<span>Sea</span></a> &amp;lt; &#128512; &#x41;&unknown;</p>',
      '#Sea &lt; 😀 A&unknown;',
    ],
  ])('reads %s as text', (html, text) => expect(plainText(html)).toBe(text))

  it('only recognises its own server’s URLs', () => {
    expect(postIdOf('https://m.example/@ann@b.example/123#2', 'https://m.example')).toBe('123')
    expect(postIdOf('https://other.example/@ann/123', 'https://m.example')).toBeUndefined()
    expect(postIdOf('https://m.example/@ann/media', 'https://m.example')).toBeUndefined()
  })
})

describe('Mastodon, refusing', () => {
  it.each([
    [401, 'social_unauthorized', true],
    [403, 'social_forbidden', true],
    [404, 'social_post_gone', false],
    [422, 'social_refused', false],
    [429, 'social_rate_limited', true],
    [503, 'social_unavailable', true],
  ])('with %i is reported as %s', async (status, code, retryable) => {
    await fake.fault({ on: 'GET /api/v1/timelines', kind: 'refused', status })
    await expect(mastodon.read(search('a'), {})).rejects.toMatchObject({
      name: 'SocialError',
      code,
      retryable,
    })
  })

  it.each([429, 503])('with %i returns the network’s delay', async (status) => {
    await fake.fault({ on: 'GET', kind: 'refused', status, after: 40 })
    const error = (await mastodon.read(search('a'), {}).catch((thrown: unknown) => thrown)) as {
      retryAfterSeconds: number
    }
    expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(39)
    expect(error.retryAfterSeconds).toBeLessThanOrEqual(41)
  })

  it('reveals no credentials in errors, and distinguishes its own from others', async () => {
    await fake.fault({ on: 'GET', kind: 'unheard' })
    const error = await mastodon.read(search('a'), {}).catch((thrown: unknown) => thrown)
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error)).not.toMatch(/fake-/)
    const stranger = open({ MASTODON_ACCESS_TOKEN: 'another' })
    await expect(stranger.read(search('a'), {})).rejects.toMatchObject({ code: 'social_unauthorized' })
    const nowhere = open({ MASTODON_URL: `http://127.0.0.1:${await freePort()}` })
    const lost = nowhere.read(search('a'), {})
    await expect(lost).rejects.toMatchObject({ code: 'social_unreachable', maybeDone: false })
  })
})

describe('Mastodon, answering', () => {
  it('replies with a picture and alternative text, after the picture was processed', async () => {
    await fake.set({ pendingLooks: 2 })
    const { id } = await fake.post({ text: '@mosaicbot #mosaicme' })
    const { url } = await mastodon.reply(asPost(id), { ...picture, text: 'Here' })
    const { own, media } = await fake.state()
    expect(own[0]).toMatchObject({ text: 'Here', reply_to: id, visibility: 'unlisted' })
    expect(media[own[0]!.media_ids![0]!]).toMatchObject({ description: 'A mosaic', bytes: 50_000, looks: 2 })
    expect(await mastodon.findReply(asPost(id))).toEqual({ url })
    expect(url).toBe(`${fake.url}/@mosaicbot/${own[0]!.id}`)
  })

  it('is posted once however often it is lost and repeated: the same key is the same status', async () => {
    const { id } = await fake.post({ text: '@mosaicbot #mosaicme' })
    expect(await mastodon.findReply(asPost(id))).toBeUndefined()
    for (const kind of ['lost', 'busy', 'lost'] as const) {
      await fake.fault({ on: 'POST /api/v1/statuses', kind })
      const lost = mastodon.reply(asPost(id), { ...picture, text: 'Lost' })
      await expect(lost).rejects.toMatchObject({ maybeDone: true })
    }
    const { url } = await mastodon.reply(asPost(id), { ...picture, text: 'Lost' })
    expect((await fake.state()).own.filter(({ reply_to }) => reply_to === id)).toHaveLength(1)
    expect(await mastodon.findReply(asPost(id))).toEqual({ url })
  })

  it('reports that nothing was posted when the picture was lost, or the post deleted', async () => {
    const { id } = await fake.post({ text: '@mosaicbot #mosaicme' })
    await fake.fault({ on: 'POST /api/v2/media', kind: 'lost' })
    const lost = mastodon.reply(asPost(id), { ...picture, text: 'a' })
    await expect(lost).rejects.toMatchObject({ maybeDone: false })
    await fake.delete(id)
    const late = mastodon.reply(asPost(id), { ...picture, text: 'a' })
    await expect(late).rejects.toMatchObject({ code: 'social_post_gone', maybeDone: false })
  })

  it('only replies to people who addressed it, within Mastodon’s character count', () => {
    expect(mastodon.whyNoReply({ ...asPost('1'), summonsUs: false })).toMatch(/mention/)
    expect(mastodon.whyNoReply(asPost('1'))).toBeUndefined()
    expect(mastodon.fits(`${'x'.repeat(476)} https://mosaics.example/${'y'.repeat(200)}`)).toBe(true)
    expect(mastodon.fits(`${'x'.repeat(477)} https://mosaics.example/`)).toBe(false)
    expect(mastodon.fits(`@someone@a-long-server.example ${'x'.repeat(491)}`)).toBe(true)
  })
})

describe('Mastodon, streaming', () => {
  function hold(network = mastodon) {
    const posts: SeenPost[] = []
    const stop = new AbortController()
    let connected: () => void = () => {}
    const ready = new Promise<void>((resolve) => {
      connected = resolve
    })
    const over = network.stream(
      { hashtags: ['streamed'] },
      { signal: stop.signal, onConnected: () => connected(), onPost: (post) => posts.push(post) },
    )
    over.catch(() => {})
    return { posts, stop, ready, over }
  }

  it('delivers posts under the hashtag and mentions complete, however they are split', async () => {
    const held = hold()
    await held.ready
    const first = await fake.post({ text: 'one #streamed' })
    await fake.post({ text: 'other #unstreamed' })
    const second = await fake.post({ text: '@mosaicbot nomosaic', photos: 0 })
    await fake.streamFault('split')
    await fake.post({ text: '名前 🎉 #streamed', name: '加奈' })
    await expect.poll(() => held.posts.length).toBe(3)
    expect(held.posts.map(({ id }) => id).slice(0, 2)).toEqual([first.id, second.id])
    expect(held.posts[2]).toMatchObject({ text: '名前 🎉 #streamed', author: '加奈' })
    await fake.streamFault('twice')
    await fake.post({ text: 'again #streamed' })
    await expect.poll(() => held.posts.length).toBe(5)
    held.stop.abort()
    await held.over
    await expect.poll(async () => (await fake.state()).streams).toBe(0)
  })

  it.each(['cut', 'stall'] as const)('reports this fault of its server: %s', async (fault) => {
    const held = hold(fault === 'stall' ? open({}, 500) : mastodon)
    await held.ready
    await fake.streamFault(fault)
    if (fault === 'cut') await fake.post({ text: '名前 #streamed' })
    await expect(held.over).rejects.toMatchObject({ code: 'social_connection_lost', retryable: true })
    expect(held.posts).toEqual([])
    await expect.poll(async () => (await fake.state()).streams).toBe(0)
  })
})

it('a post becomes a mosaic and gets its reply, and a hashtag becomes tiles', async () => {
  const networks = openSocialNetworks(loadEnvironment(fake.environment))
  expect(networks.map(({ name }) => name)).toEqual(['mastodon'])
  const api = await startApi(
    { ...fake.environment, LISTEN_LIBRARY: 'small' },
    { networks, fetchAllowHosts: [fake.host] },
  )
  try {
    await addStripedTiles(api.store, 'small', 40)
    await fake.post({ text: 'the sea #sea', by: 'ann@away.example' })
    expect((await api.post('/v1/listeners/mastodon/start', {})).status).toBe(202)
    const collecting = { network: 'mastodon', hashtags: ['sea'], library: 'sea', smallest_side: 100 }
    const { id } = (await (await api.post('/v1/collectors', collecting)).json()) as { id: string }
    const late = await fake.post({ text: '@mosaicbot this one #mosaicme', by: 'lea@away.example' })
    const answers = async () => (await fake.state()).own.map(({ reply_to }) => reply_to)
    await expect.poll(answers, { timeout: 55_000 }).toContain(late.id)
    expect(await api.gallery.get(`mosaic-mastodon-${late.id}`)).toMatchObject({
      username: 'lea@away.example',
    })
    const tiles = () => listTilesSoFar({ store: api.store, library: 'sea' })
    await expect.poll(async () => (await tiles()).length, { timeout: 55_000 }).toBe(1)
    expect((await tiles())[0]).toMatchObject({ author: { handle: 'ann@away.example' } })
    await api.post('/v1/listeners/mastodon/stop', {})
    await api.post(`/v1/collectors/${id}/stop`, {})
  } finally {
    await api.stop()
  }
})

it('requires all of its settings or none', () => {
  expect(() => loadEnvironment({ MASTODON_URL: 'https://m.example' })).toThrow(EnvironmentError)
  expect(openSocialNetworks(loadEnvironment({}))).toEqual([])
})
