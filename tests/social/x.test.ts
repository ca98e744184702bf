import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { openSocialNetworks } from '../../adapters/social/open-social-networks.ts'
import type { Post, SeenPost, SocialNetwork } from '../../adapters/social/social-network.ts'
import { timeOfId } from '../../adapters/social/x/posts.ts'
import { textLength } from '../../adapters/social/x/text-length.ts'
import { openX } from '../../adapters/social/x.ts'
import { type FakeX, startX } from '../servers/x/start-x.ts'
import { snowflake } from '../servers/x/world.ts'

let fake: FakeX
let x: SocialNetwork
beforeAll(async () => {
  fake = await startX({ beatMs: 200 })
  x = network()
})
afterAll(async () => await fake?.stop())
beforeEach(async () => await fake.calm())

function network(changes: NodeJS.ProcessEnv = {}): SocialNetwork {
  const environment = loadEnvironment({ ...fake.environment, ...changes })
  return openX({
    credentials: environment.x!,
    apiUrl: environment.xApiUrl,
    account: environment.xAccount!,
    silenceMs: 700,
  })
}

const tagged = { kind: 'search', query: { hashtags: ['mosaicme', 'clouds'] } } as const
const picture = { picture: Buffer.alloc(1_500_000, 7), contentType: 'image/jpeg', altText: 'A mosaic' }
const asPost = (id: string): Post => ({
  ...{ network: 'x', id, url: `https://x.com/someone/status/${id}`, handle: 'someone', author: 'Someone' },
  summonsUs: true,
})

describe('X, reading', () => {
  it('reads author, photos, hashtags, and whether a post addresses us', async () => {
    const mention = await fake.post({
      text: 'Look @MosaicBot #MosaicMe 日本',
      by: 'ann',
      name: 'Änn 🎨',
      photos: 2,
    })
    const bare = await fake.post({ text: 'only #mosaicme', by: 'ben', lang: 'de', sensitive: true })
    await fake.post({ text: 'no photo #mosaicme', photos: 0 })
    await fake.post({ text: 'RT #mosaicme', reposts: bare.id })
    const { posts, reads, more } = await x.read(tagged, {})
    expect([reads, more]).toEqual([2, false])
    expect(posts.map(({ id }) => id)).toEqual([bare.id, mention.id])
    expect(posts[1]).toMatchObject({
      network: 'x',
      url: `https://x.com/ann/status/${mention.id}`,
      handle: 'ann',
      author: 'Änn 🎨',
      summonsUs: true,
      hashtags: ['mosaicme'],
      photos: [{ url: expect.stringContaining('/photos/'), width: 160 }, {}],
      isRepost: false,
      byUs: false,
    })
    expect(posts[0]).toMatchObject({ summonsUs: false, language: 'de', sensitive: true })
    expect((await x.read({ kind: 'mentions' }, {})).posts.map(({ id }) => id)).toEqual([mention.id])
  })

  it('treats quotes of our posts as addressed to us, and recognises our own posts and reposts', async () => {
    const theirs = await fake.post({ text: 'first @mosaicbot #own' })
    await x.reply(asPost(theirs.id), { ...picture, text: 'here you are' })
    const ours = (await fake.state()).own[0]!
    await fake.post({ text: 'nice #quoting', quotes: ours.id })
    const { posts } = await x.read({ kind: 'search', query: { hashtags: ['quoting'] } }, {})
    expect(posts[0]).toMatchObject({ summonsUs: true })
    await fake.post({ text: 'mine #byus', by: 'mosaicbot' })
    expect((await x.read({ kind: 'search', query: { hashtags: ['byus'] } }, {})).posts[0]!.byUs).toBe(true)
  })

  it('reads pages, and starts after a post', async () => {
    const ids: string[] = []
    for (let n = 0; n < 25; n++) ids.push((await fake.post({ text: `${n} #pages` })).id)
    const source = { kind: 'search', query: { hashtags: ['pages'] } } as const
    const first = await x.read(source, { limit: 10 })
    expect([first.posts.length, first.more]).toEqual([10, true])
    const rest = await x.read(source, { untilId: first.posts.at(-1)!.id, limit: 100 })
    expect([...first.posts, ...rest.posts].map(({ id }) => id)).toEqual([...ids].reverse())
    expect((await x.read(source, { sinceId: ids[22]! })).reads).toBe(2)
  })

  it('never searches further back than X allows', async () => {
    const longAgo = snowflake(Date.now() - 30 * 24 * 60 * 60 * 1000)
    expect((await x.read(tagged, { sinceId: longAgo })).reads).toBeGreaterThan(0)
    expect(timeOfId(longAgo)).toBeLessThan(Date.now())
  })

  it('finds deleted posts', async () => {
    const [kept, gone] = [await fake.post({ text: 'a' }), await fake.post({ text: 'b' })]
    await fake.delete(gone.id)
    expect(await x.findGone([kept.id, gone.id])).toEqual([gone.id])
  })
})

describe('X, refusing', () => {
  it.each([
    [401, 'social_unauthorized', true],
    [402, 'social_payment_required', true],
    [403, 'social_forbidden', true],
    [429, 'social_rate_limited', true],
    [503, 'social_unavailable', true],
    [400, 'social_refused', false],
  ])('with %i is reported as %s', async (status, code, retryable) => {
    await fake.fault({ on: 'GET /2/tweets/search', kind: 'refused', status })
    await expect(x.read(tagged, {})).rejects.toMatchObject({ name: 'SocialError', code, retryable })
  })

  it.each([429, 503])('with %i returns the network’s delay', async (status) => {
    await fake.fault({ on: 'GET', kind: 'refused', status, after: 40 })
    const error = (await x.read(tagged, {}).catch((thrown: unknown) => thrown)) as {
      retryAfterSeconds: number
    }
    expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(39)
    expect(error.retryAfterSeconds).toBeLessThanOrEqual(41)
  })

  it('reveals no credentials in errors', async () => {
    for (const fault of [{ kind: 'refused', status: 401 }, { kind: 'unheard' }] as const) {
      await fake.fault({ on: '*', ...fault })
      const error = await x.read(tagged, {}).catch((thrown: unknown) => thrown)
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error)).not.toMatch(/fake-/)
    }
  })

  it('wrong credentials is reported as such', async () => {
    const stranger = network({ X_ACCESS_SECRET: 'wrong', X_BEARER_TOKEN: '' })
    await expect(stranger.read(tagged, {})).rejects.toMatchObject({ code: 'social_unauthorized' })
  })

  it('is not what an unreachable server does', async () => {
    const nowhere = network({ X_API_URL: 'http://127.0.0.1:1/2/' })
    const lost = nowhere.read(tagged, {})
    await expect(lost).rejects.toMatchObject({ code: 'social_unreachable', maybeDone: false })
  })
})

describe('X, answering', () => {
  it('replies with a picture and alternative text', async () => {
    const { id } = await fake.post({ text: '@mosaicbot #mosaicme' })
    let ready = 0
    const { url } = await x.reply(
      asPost(id),
      { ...picture, text: 'Here' },
      {
        beforePosting: async () => {
          ready++
        },
      },
    )
    const { own, media } = await fake.state()
    expect(own[0]).toMatchObject({ text: 'Here', reply_to: id })
    expect(url).toBe(`https://x.com/mosaicbot/status/${own[0]!.id}`)
    expect(media[own[0]!.media_ids![0]!]).toMatchObject({ alt_text: 'A mosaic', bytes: 1_500_000 })
    expect(ready).toBe(1)
    expect(await x.findReply(asPost(id))).toEqual({ url })
  })

  it('waits while X processes the picture', async () => {
    await fake.set({ pendingLooks: 2 })
    const { id } = await fake.post({ text: '@mosaicbot #mosaicme' })
    await x.reply(asPost(id), { ...picture, text: 'Late' })
    await fake.set({ pendingLooks: 0 })
    const { own, media } = await fake.state()
    expect(media[own[0]!.media_ids![0]!]!.polls).toBe(2)
  })

  it('posts nothing if it is stopped at the last moment', async () => {
    const { id } = await fake.post({ text: '@mosaicbot #mosaicme' })
    const before = (await fake.state()).own.length
    const held = x.reply(
      asPost(id),
      { ...picture, text: 'No' },
      { beforePosting: () => Promise.reject(new Error('wait')) },
    )
    await expect(held).rejects.toThrow('wait')
    expect((await fake.state()).own.length).toBe(before)
  })

  it.each(['lost', 'busy'] as const)(
    'reports that it may be posted when the response is %s',
    async (kind) => {
      const { id } = await fake.post({ text: '@mosaicbot #mosaicme' })
      await fake.fault({ on: 'POST /2/tweets', kind })
      const lost = x.reply(asPost(id), { ...picture, text: `Lost ${kind}` })
      await expect(lost).rejects.toMatchObject({ maybeDone: true })
      expect(await x.findReply(asPost(id))).toMatchObject({ url: expect.stringContaining('/status/') })
    },
  )

  it('reports that nothing was posted when the upload was lost, or X rejected it', async () => {
    const { id } = await fake.post({ text: '@mosaicbot #mosaicme' })
    await fake.fault({ on: 'POST /2/media', kind: 'lost' })
    await expect(x.reply(asPost(id), { ...picture, text: 'a' })).rejects.toMatchObject({ maybeDone: false })
    await fake.fault({ on: 'POST /2/tweets', kind: 'refused', status: 429 })
    await expect(x.reply(asPost(id), { ...picture, text: 'a' })).rejects.toMatchObject({ maybeDone: false })
    expect(await x.findReply(asPost(id))).toBeUndefined()
  })

  it('knows from the rules what X would reject, and reports what it has rejected', async () => {
    const { id } = await fake.post({ text: 'bare #mosaicme' })
    expect(x.whyNoReply({ ...asPost(id), summonsUs: false })).toMatch(/mention or quote @mosaicbot/)
    expect(x.whyNoReply(asPost(id))).toBeUndefined()
    await expect(x.reply(asPost(id), { ...picture, text: 'a' })).rejects.toMatchObject({
      code: 'social_reply_not_allowed',
    })
    const gone = await fake.post({ text: '@mosaicbot #mosaicme' })
    await fake.delete(gone.id)
    await expect(x.reply(asPost(gone.id), { ...picture, text: 'a' })).rejects.toMatchObject({
      code: 'social_post_gone',
    })
  })

  it('counts characters like X', () => {
    expect(textLength('Hello')).toBe(5)
    expect(textLength('こんにちは')).toBe(10)
    expect(textLength('👨‍👩‍👧 hi')).toBe(5)
    expect(textLength('see https://mosaic.example/mosaic/x-1234567890123456789 now')).toBe(4 + 23 + 4)
    expect(x.fits('x'.repeat(280))).toBe(true)
    expect(x.fits('x'.repeat(281))).toBe(false)
  })
})

describe('X, streaming', () => {
  const query = { hashtags: ['streamed'] }

  function hold() {
    const posts: SeenPost[] = []
    const stop = new AbortController()
    let connected: () => void = () => {}
    const ready = new Promise<void>((resolve) => {
      connected = resolve
    })
    const over = x.stream(query, {
      signal: stop.signal,
      onConnected: connected,
      onPost: (post) => posts.push(post),
    })
    over.catch(() => {})
    return { posts, stop, ready, over }
  }

  it('delivers posts once, even out of order or twice', async () => {
    const held = hold()
    await held.ready
    const first = await fake.post({ text: 'one #streamed' })
    await fake.streamFault('twice')
    const second = await fake.post({ text: 'two #streamed' })
    await fake.streamFault('disorder')
    const third = await fake.post({ text: 'three #streamed' })
    const fourth = await fake.post({ text: 'four #streamed' })
    await fake.post({ text: 'other #unstreamed' })
    const ids = [first.id, second.id, second.id, fourth.id, third.id]
    await expect.poll(() => held.posts.map(({ id }) => id)).toEqual(ids)
    held.stop.abort()
    await held.over
    await expect.poll(async () => (await fake.state()).stream.open).toBe(0)
  })

  it('repairs a character split between two chunks', async () => {
    const held = hold()
    await held.ready
    await fake.streamFault('split')
    await fake.post({ text: '名前 🎉 #streamed', by: 'kana', name: '加奈' })
    await expect.poll(() => held.posts.length).toBe(1)
    expect(held.posts[0]).toMatchObject({ text: '名前 🎉 #streamed', author: '加奈' })
    held.stop.abort()
    await held.over
  })

  it.each(['stall', 'end'] as const)('reports this fault of X: %s', async (fault) => {
    const held = hold()
    await held.ready
    await fake.streamFault(fault)
    await expect(held.over).rejects.toMatchObject({ code: 'social_connection_lost', retryable: true })
  })

  it('reports a cut in the middle of a character', async () => {
    const held = hold()
    await held.ready
    await fake.streamFault('cut')
    await fake.post({ text: '名前 #streamed' })
    await expect(held.over).rejects.toMatchObject({ code: 'social_connection_lost' })
    expect(held.posts).toEqual([])
  })

  it('is limited to one connection: the second is rejected', async () => {
    const first = hold()
    await first.ready
    const second = hold()
    await expect(second.over).rejects.toMatchObject({ code: 'social_too_many_connections', retryable: true })
    first.stop.abort()
    await first.over
    expect((await fake.state()).stream.mostAtOnce).toBe(1)
  })
})

it('has no network without credentials, and one with a complete set', () => {
  expect(openSocialNetworks(loadEnvironment({}))).toEqual([])
  expect(openSocialNetworks(loadEnvironment(fake.environment)).map(({ name }) => name)).toEqual(['x'])
})
