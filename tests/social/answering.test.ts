/** The step that replies to a post, with a fake X over a real socket: at most one reply, whatever happens. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTweet, type TweetInput } from '../../activities/tweet.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { openSocialNetworks } from '../../adapters/social/open-social-networks.ts'
import type { Publication, SocialNetwork } from '../../adapters/social/social-network.ts'
import { mulberry32 } from '../servers/x/faults.ts'
import { type FakeX, startX } from '../servers/x/start-x.ts'

const site = 'https://mosaics.example'
const template = 'Hi @{handle} Here is your mosaic: {link}'
/** Steps that fail on purpose need no log lines. */
const quiet = new DefaultLogger('ERROR')
const pace = { settle: 40, retry: 5, longest: 5_000 }

let fake: FakeX
let store: ObjectStore
let folder: string
let networks: SocialNetwork[]
beforeAll(async () => {
  fake = await startX()
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-answers-'))
  store = await openObjectStore({ dataDir: folder })
  await store.put('small', 'picture.jpg', Buffer.alloc(2_000, 1))
  networks = openSocialNetworks(loadEnvironment(fake.environment))
})
afterAll(async () => {
  await fake?.stop()
  await store?.close()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  await fake.calm()
  await fake.set({ timelineLagMs: 0, refuseDuplicates: false })
})

async function asked(text = '@mosaicbot #mosaicme'): Promise<TweetInput> {
  const { id } = await fake.post({ text, by: 'ann' })
  const post = { network: 'x', id, url: `https://x.com/ann/status/${id}`, handle: 'ann', author: 'Ann' }
  return {
    jobId: `mosaic-x-${id}`,
    post: { ...post, summonsUs: text.includes('@mosaicbot') },
    small: { bucket: 'small', key: 'picture.jpg' },
  }
}

/** One attempt of the step, as in a worker. */
async function once(input: TweetInput, attempt = 1, options = {}): Promise<Publication> {
  const tweet = createTweet({ store, networks, template, site, pace, ...options })
  const environment = new MockActivityEnvironment({ attempt }, { logger: quiet })
  return await environment.run(tweet, input)
}

/** The step with Temporal's retries and the delays that it requests. */
async function answer(input: TweetInput, options = {}): Promise<Publication> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(input, attempt, options)
    } catch (error) {
      const { nextRetryDelay, nonRetryable } = error as ApplicationFailure
      if (nonRetryable || attempt === 60) throw error
      await delay(Math.min(1_100, Number(nextRetryDelay ?? 5)))
    }
  }
}

const answersTo = async ({ post }: TweetInput) =>
  (await fake.state()).own.filter(({ reply_to }) => reply_to === post.id)

describe('the reply to a post', () => {
  it('is a text with the link, and returns its URL', async () => {
    const input = await asked()
    const publication = await answer(input)
    const [own] = await answersTo(input)
    expect(own!.text).toBe(`Hi @ann Here is your mosaic: ${site}/mosaic/${input.jobId}`)
    expect(publication).toEqual({ status: 'published', url: `https://x.com/mosaicbot/status/${own!.id}` })
  })

  it('is posted once, however often the step runs', async () => {
    const input = await asked()
    const first = await answer(input)
    expect(await answer(input)).toEqual(first)
    expect(await answersTo(input)).toHaveLength(1)
  })

  it('is one per post, whichever job replies', async () => {
    const input = await asked()
    await answer(input)
    expect(await answer({ ...input, jobId: 'mosaic-another' })).toMatchObject({
      status: 'gallery_only',
      reason: expect.stringContaining('already been answered'),
    })
    expect(await answersTo(input)).toHaveLength(1)
  })

  it('is not posted twice when the network’s response is lost, a hundred times', async () => {
    const random = mulberry32(7)
    const inputs: TweetInput[] = []
    for (let n = 0; n < 100; n++) {
      await fake.set({ timelineLagMs: random() < 0.5 ? 0 : 20 })
      const input = await asked()
      inputs.push(input)
      await fake.fault({ on: 'POST /2/tweets', kind: random() < 0.7 ? 'lost' : 'busy', after: 0 })
      expect(await answer(input)).toMatchObject({ status: 'published' })
    }
    const { own } = await fake.state()
    const counts = inputs.map(({ post }) => own.filter(({ reply_to }) => reply_to === post.id).length)
    expect(counts).toEqual(inputs.map(() => 1))
  })

  it('is posted again when the first attempt turns out not to have arrived', async () => {
    const input = await asked()
    await fake.fault({ on: 'POST /2/tweets', kind: 'unheard' })
    expect(await answer(input)).toMatchObject({ status: 'published' })
    expect(await answersTo(input)).toHaveLength(1)
  })

  it('does not read the timeline before its first attempt, or after a plain rejection, because reads cost money', async () => {
    const input = await asked()
    const before = (await fake.state()).calls['GET /2/users/:id/tweets'] ?? 0
    await fake.fault({ on: 'POST /2/tweets', kind: 'refused', status: 402 })
    await answer(input)
    expect((await fake.state()).calls['GET /2/users/:id/tweets'] ?? 0).toBe(before)
  })

  it('is left to one of two concurrent attempts', async () => {
    const input = await asked()
    const results = await Promise.allSettled([once(input), once(input), once(input)])
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1)
    expect(await answersTo(input)).toHaveLength(1)
  })

  it.each([
    [429, 90, 'social_rate_limited'],
    [503, 45, 'social_unavailable'],
  ])('waits after %i as long as the network says', async (status, after, type) => {
    const input = await asked()
    await fake.fault({ on: 'POST /2/tweets', kind: 'refused', status, after })
    const failure = (await once(input).catch((error: unknown) => error)) as ApplicationFailure
    expect(failure).toMatchObject({ type, nonRetryable: false })
    expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual((after - 1) * 1000)
    expect(Number(failure.nextRetryDelay)).toBeLessThanOrEqual((after + 1) * 1000)
  })

  it('doubles its own delays if the network names none', async () => {
    const input = await asked()
    const waits: number[] = []
    for (const attempt of [1, 2, 3]) {
      await fake.fault({ on: 'POST /2/tweets', kind: 'refused', status: 401 })
      const failure = (await once(input, attempt).catch((error: unknown) => error)) as ApplicationFailure
      waits.push(Number(failure.nextRetryDelay))
    }
    expect(waits).toEqual([5, 10, 20])
  })

  it('is unknown while the timeline does not show it, and a person may decide', async () => {
    const input = await asked()
    await fake.fault({ on: 'POST /2/tweets', kind: 'unheard' })
    await fake.fault({ on: 'GET /2/users', kind: 'refused', status: 400, times: 2 })
    await expect(answer(input)).rejects.toMatchObject({ nonRetryable: true, details: [{ maybeOut: true }] })
    expect(await answersTo(input)).toHaveLength(0)

    expect(await answer({ ...input, decided: true })).toMatchObject({ status: 'published' })
    expect(await answersTo(input)).toHaveLength(1)
    const { bucket, key } = layout.answer.decided(input.jobId)
    expect(await store.head(bucket, key)).toBeDefined()
  })

  it('is not unknown if nothing was tried', async () => {
    const input = await asked()
    await fake.fault({ on: 'POST /2/media', kind: 'refused', status: 402 })
    await expect(once(input)).rejects.toMatchObject({ details: [{ maybeOut: false }] })
  })
})

describe('a mosaic stays in the gallery only', () => {
  it('if its post does not address us', async () => {
    const input = await asked('just #mosaicme')
    expect(await answer(input)).toMatchObject({
      status: 'gallery_only',
      reason: expect.stringContaining('mention or quote @mosaicbot'),
    })
  })

  it('if the post is deleted, or X forbids a reply', async () => {
    const gone = await asked()
    await fake.delete(gone.post.id)
    expect(await answer(gone)).toEqual({ status: 'gallery_only', reason: 'the post has been deleted' })

    const input = await asked('just #mosaicme')
    const publication = await answer({ ...input, post: { ...input.post, summonsUs: true } })
    expect(publication).toMatchObject({ status: 'gallery_only' })
  })

  it('if its author has opted out', async () => {
    const input = await asked()
    const place = layout.optedOut('x', 'Quiet')
    await store.put(place.bucket, place.key, new Uint8Array())
    const publication = await answer({ ...input, post: { ...input.post, handle: 'quiet' } })
    expect(publication).toEqual({ status: 'gallery_only', reason: '@quiet has opted out of replies' })
    expect(await answersTo(input)).toHaveLength(0)
  })

  it.each([
    ['credentials', { networks: [] }, /no account/],
    ['an address to link to', { site: '' }, /PUBLIC_URL/],
  ])('without %s', async (_, options, reason) => {
    expect(await answer(await asked(), options)).toMatchObject({
      status: 'gallery_only',
      reason: expect.stringMatching(reason),
    })
  })
})

describe('the text of a reply', () => {
  it('has its name cut, then only handle and link, until the network accepts it', async () => {
    const input = await asked()
    const named = { ...input, post: { ...input.post, author: '名'.repeat(200) } }
    await answer(named, { template: '{author}! Hi @{handle}: {link}' })
    const [own] = await answersTo(input)
    expect(own!.text).toMatch(/^名{59}…! Hi @ann: https:/)

    const other = await asked()
    await answer(other, { template: `${'long '.repeat(55)}{link}` })
    expect((await answersTo(other))[0]!.text).toBe(`@ann ${site}/mosaic/${other.jobId}`)
  })
})
