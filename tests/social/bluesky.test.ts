/** Bluesky's adapter with a fake server over a socket; and a post from there to its reply. */

import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pictureWithin } from '../../activities/social/picture-within.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { idOf, uriOf } from '../../adapters/social/bluesky/posts.ts'
import { microsOf, tidOf } from '../../adapters/social/bluesky/tid.ts'
import { openBluesky } from '../../adapters/social/bluesky.ts'
import { openSocialNetworks } from '../../adapters/social/open-social-networks.ts'
import {
  olderFirst,
  type Post,
  type SeenPost,
  type SocialNetwork,
} from '../../adapters/social/social-network.ts'
import { freePort } from '../../cli/free-port.ts'
import { startApi } from '../api/api.ts'
import { wavyPixels } from '../engine/pictures.ts'
import { type FakeBluesky, startBluesky } from '../servers/bluesky/start-bluesky.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'

let fake: FakeBluesky
let bluesky: SocialNetwork
beforeAll(async () => {
  fake = await startBluesky()
  bluesky = open()
})
afterAll(() => fake?.stop())
beforeEach(() => fake.reset())

const us = '@mosaicbot.example'
const open = (changes: NodeJS.ProcessEnv = {}) =>
  openBluesky({ ...loadEnvironment({ ...fake.environment, ...changes }).bluesky!, pollMs: 20 })
const post = async (wanted: Parameters<FakeBluesky['post']>[0]) => {
  const uri = await fake.post(wanted)
  return { uri, id: idOf(uri)! }
}
const asPost = (id: string): Post => ({
  ...{ network: 'bluesky', id, url: '', handle: 'ann.example', author: 'Ann', summonsUs: true },
})
const picture = { picture: new Uint8Array(50_000), contentType: 'image/jpeg', altText: 'A mosaic' }
const search = (...hashtags: string[]) => ({ kind: 'search', query: { hashtags } }) as const

describe('Bluesky’s keys', () => {
  it('are numbers in characters that sort like the numbers', () => {
    const times = [0n, 1n, 1_700_000_000_000_000n, 1_700_000_000_000_001n, 2n ** 52n]
    const keys = times.map((time) => tidOf(time, 1023))
    expect(keys.map(microsOf)).toEqual(times)
    expect([...keys].sort()).toEqual(keys)
    // From https://atproto.com/specs/tid.
    expect(tidOf(0n, 0)).toBe('2222222222222')
  })
})

describe('Bluesky, read', () => {
  it('reads posts under hashtags', async () => {
    await post({ text: 'other #lakes' })
    const sea = await post({
      ...{ text: `Blick auf das Meer 🌊 #sea ${us}`, by: 'ann.example', name: 'Änn 🎨', photos: 2 },
      ...{ language: 'de', sensitive: true },
    })
    const lake = await post({ text: '#lake', photos: 0 })
    const { posts } = await bluesky.read(search('sea', 'lake'), {})
    expect(posts.map(({ id }) => id)).toEqual([lake.id, sea.id])
    expect(posts[1]).toMatchObject({
      ...{ network: 'bluesky', handle: 'ann.example', author: 'Änn 🎨', language: 'de', sensitive: true },
      ...{ hashtags: ['sea'], summonsUs: true, byUs: false },
      photos: [{ url: expect.stringContaining('/photos/') }, {}],
    })
    expect(bluesky.postIdOf(`${posts[1]!.url}#2`)).toBe(sea.id)
    expect(uriOf(sea.id)).toBe(sea.uri)
    expect(sea.id).toMatch(/^[a-z0-9-]{38}$/)
  })

  it('reads pages over several hashtags without gaps, and starts after a post', async () => {
    const ids: string[] = []
    for (let n = 0; n < 24; n++)
      ids.push((await post({ text: `${n} #${n % 4 === 0 ? 'rare' : 'often'}` })).id)
    const found: string[] = []
    let untilId: string | undefined
    for (let more = true; more; ) {
      const page = await bluesky.read(search('rare', 'often'), { limit: 5, untilId })
      found.push(...page.posts.map(({ id }) => id))
      untilId = page.oldestId
      more = page.more && untilId !== undefined
    }
    expect(found).toEqual([...ids].reverse())
    const late = await bluesky.read(search('often'), { sinceId: ids[20]! })
    expect(late.posts.map(({ id }) => id)).toEqual([ids[23], ids[22], ids[21]])
  })

  it('reads mentions after a post', async () => {
    const old = await post({ text: `${us} #mosaicme` })
    const fresh = await post({ text: `${us} #mosaicme again` })
    const { posts } = await bluesky.read({ kind: 'mentions' }, { sinceId: old.id })
    expect(posts.map(({ id, photos }) => [id, photos.length])).toEqual([[fresh.id, 1]])
    expect(olderFirst(bluesky.idAt(Date.now() - 60_000), fresh.id)).toBeLessThan(0)
    expect(bluesky.timeOf(fresh.id)).toBeGreaterThan(Date.now() - 60_000)
  })

  it.each([-2 * 60 * 60 * 1000, 10 * 60 * 1000])(
    'believes no key that is %i ms off: it would take the listener along',
    async (keyOffMs) => {
      await post({ text: `${us} #mosaicme`, keyOffMs })
      expect((await bluesky.read({ kind: 'mentions' }, {})).posts).toEqual([])
      expect((await bluesky.read(search('mosaicme'), {})).posts).toEqual([])
    },
  )

  it('finds deleted posts, many at a time', async () => {
    const all: { id: string; uri: string }[] = []
    for (let n = 0; n < 30; n++) all.push(await post({ text: `${n}` }))
    await fake.delete(all[28]!.uri)
    expect(await bluesky.findGone(all.map(({ id }) => id))).toEqual([all[28]!.id])
  })
})

describe('Bluesky, refusing', () => {
  it.each([
    [400, 'social_refused', false],
    [401, 'social_unauthorized', true],
    [429, 'social_rate_limited', true],
    [503, 'social_unavailable', true],
  ])('with %i is reported as %s', async (status, code, retryable) => {
    await fake.fault({ on: 'app.bsky.feed.searchPosts', kind: 'refused', status, after: 40 })
    const error = (await bluesky.read(search('a'), {}).catch((thrown: unknown) => thrown)) as Error & {
      retryAfterSeconds?: number
    }
    expect(error).toMatchObject({ name: 'SocialError', code, retryable })
    if (status === 429 || status === 503) expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(39)
  })

  it('signs in again when its session has expired, once for many calls, and reveals no password', async () => {
    await bluesky.read(search('a'), {})
    await fake.expire()
    const before = (await fake.state()).calls['com.atproto.server.createSession']!
    await Promise.all(['a', 'b', 'c'].map((tag) => bluesky.read(search(tag), {})))
    expect((await fake.state()).calls['com.atproto.server.createSession']).toBe(before + 1)
    const stranger = open({ BLUESKY_APP_PASSWORD: 'fake-but-wrong' })
    const error = await stranger.read(search('a'), {}).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'social_unauthorized' })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error)).not.toMatch(/fake-/)
    const nowhere = open({ BLUESKY_URL: `http://127.0.0.1:${await freePort()}` })
    await expect(nowhere.read(search('a'), {})).rejects.toMatchObject({ code: 'social_unreachable' })
  })
})

describe('Bluesky, answering', () => {
  it('replies with a picture, with links and the mention at their byte offsets', async () => {
    const { id, uri } = await post({ text: `${us} #mosaicme` })
    const text = 'Grüße 🎉 @ann.example https://mosaics.example/mosaic/1'
    const { url } = await bluesky.reply(asPost(id), { ...picture, text })
    const [[key, answer]] = Object.entries((await fake.state()).answers) as [
      [string, Awaited<ReturnType<FakeBluesky['state']>>['answers'][string]],
    ]
    expect(url).toContain(key)
    expect(answer).toMatchObject({ text, reply: { root: { uri }, parent: { uri } } })
    expect(answer.embed.images).toMatchObject([{ alt: 'A mosaic', image: { size: 50_000 } }])
    const pieces = answer.facets.map(({ index: { byteStart, byteEnd } }) =>
      Buffer.from(text).subarray(byteStart, byteEnd).toString(),
    )
    expect(pieces).toEqual(['https://mosaics.example/mosaic/1', '@ann.example'])
    expect(await bluesky.findReply(asPost(id))).toEqual({ url })
  })

  it('is posted once however often it is lost and repeated: one post, one key', async () => {
    const { id } = await post({ text: `${us} #mosaicme` })
    expect(await bluesky.findReply(asPost(id))).toBeUndefined()
    for (const kind of ['lost', 'busy', 'lost'] as const) {
      await fake.fault({ on: 'com.atproto.repo.putRecord', kind })
      const lost = bluesky.reply(asPost(id), { ...picture, text: 'a' })
      await expect(lost).rejects.toMatchObject({ maybeDone: true })
    }
    await bluesky.reply(asPost(id), { ...picture, text: 'a' })
    expect(Object.keys((await fake.state()).answers)).toHaveLength(1)
  })

  it('reports that nothing was posted when the picture was lost, or the post deleted', async () => {
    const { id, uri } = await post({ text: `${us} #mosaicme` })
    await fake.fault({ on: 'com.atproto.repo.uploadBlob', kind: 'lost' })
    const lost = bluesky.reply(asPost(id), { ...picture, text: 'a' })
    await expect(lost).rejects.toMatchObject({ maybeDone: false })
    await fake.delete(uri)
    const late = bluesky.reply(asPost(id), { ...picture, text: 'a' })
    await expect(late).rejects.toMatchObject({ code: 'social_post_gone' })
    expect((await fake.state()).answers).toEqual({})
  })

  it('only replies to people who addressed it, within the limits of graphemes and picture size', async () => {
    expect(bluesky.whyNoReply({ ...asPost('1'), summonsUs: false })).toMatch(/mention them/)
    expect(bluesky.fits('👨‍👩‍👧'.repeat(300))).toBe(true)
    expect(bluesky.fits('x'.repeat(301))).toBe(false)
    const raw = { raw: { width: 1600, height: 1200, channels: 3 as const } }
    const heavy = await sharp(wavyPixels(1600, 1200), raw).png().toBuffer()
    const limit = Math.floor(heavy.byteLength / 20)
    const light = await pictureWithin(heavy, limit)
    expect(light.byteLength).toBeLessThanOrEqual(limit)
    expect((await sharp(light).metadata()).format).toBe('jpeg')
    expect(await pictureWithin(heavy)).toBe(heavy)
  })
})

it('listens by polling', async () => {
  const posts: SeenPost[] = []
  const stop = new AbortController()
  let connected = () => {}
  const ready = new Promise<void>((resolve) => {
    connected = resolve
  })
  const over = bluesky.stream(
    { hashtags: ['streamed'] },
    { signal: stop.signal, onConnected: () => connected(), onPost: (one) => posts.push(one) },
  )
  await ready
  const ids: string[] = []
  for (let n = 0; n < 3; n++) ids.push((await post({ text: `${n} #streamed` })).id)
  await expect.poll(() => posts.map(({ id }) => id)).toEqual(ids)
  stop.abort()
  await over
})

it('a post becomes a mosaic and gets its reply', async () => {
  const networks = openSocialNetworks(loadEnvironment(fake.environment))
  const api = await startApi(
    { ...fake.environment, LISTEN_LIBRARY: 'small' },
    { networks, fetchAllowHosts: [fake.host] },
  )
  try {
    await addStripedTiles(api.store, 'small', 40)
    expect((await api.post('/v1/listeners/bluesky/start', {})).status).toBe(202)
    const { id, uri } = await post({ text: `${us} this one #mosaicme`, by: 'lea.example' })
    const answers = async () =>
      Object.values((await fake.state()).answers).map(({ reply }) => reply.parent.uri)
    await expect.poll(answers, { timeout: 55_000 }).toEqual([uri])
    expect(await api.gallery.get(`mosaic-bluesky-${id}`)).toMatchObject({ username: 'lea.example' })
    await api.post('/v1/listeners/bluesky/stop', {})
  } finally {
    await api.stop()
  }
})
