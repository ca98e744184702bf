/** Moderation: nothing is shown before it is approved, and nothing contains blocked or removed people. */
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTakePost } from '../../activities/social/take-post.ts'
import { addTiles, listTiles } from '../../activities/tile-library/index.ts'
import { openBlockList } from '../../adapters/moderation/block-list.ts'
import { openReviewQueue } from '../../adapters/moderation/review-queue.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { SeenPost } from '../../adapters/social/social-network.ts'
import { main } from '../../cli/main.ts'
import { type Api, form, listen, problemOf, startApi } from '../api/api.ts'
import { photo, tilePhoto } from '../workflows/pictures.ts'
import type { Stack } from '../workflows/stack.ts'
import { plaza } from './plaza.ts'

let api: Api & { stack: Stack }
const answered: string[] = []
beforeAll(async () => {
  api = await startApi(
    {},
    {
      moderate: ['tiles', 'mosaics'],
      networks: [
        plaza({
          reply: async (to, _, { beforePosting } = {}) => {
            await beforePosting?.()
            answered.push(to.id)
            return { url: `https://plaza.example/${to.id}/answer` }
          },
        }),
      ],
    },
  )
  async function* photos() {
    for (let n = 0; n < 40; n++)
      yield {
        name: `tile ${n}`,
        bytes: await tilePhoto(n),
        author: { handle: n < 12 ? 'Ann' : 'ben', url: `https://plaza.example/${n}` },
      }
  }
  await addTiles({ store: api.store, library: 'mixed', photos: photos() })
})
afterAll(() => api?.stop())

interface Waiting {
  id: string
  kind: string
  picture: string
  author?: { handle?: string }
  library?: string
}
const waiting = async () => ((await (await api.request('/v1/moderation')).json()) as { data: Waiting[] }).data
const decide = (id: string, verb: string) => api.post(`/v1/moderation/${id}/${verb}`, {})
const log = async () =>
  (
    (await (await api.request('/v1/moderation/log')).json()) as {
      data: { action: string; subject: string }[]
    }
  ).data
const change = (method: string, path: string) => api.request(`/v1/blocked/${path}`, { method })

/** Next to other suites on two cores, a mosaic may take a while. */
const patience = { timeout: 55_000, interval: 200 }
const params = { library: 'mixed', cell: 16, scale: 2, distance: 1, quality: 85 }
let posts = 0
async function asks() {
  const id = `p${++posts}`
  const post = { network: 'plaza', id, url: `https://plaza.example/${id}`, handle: 'kim', author: 'Kim' }
  const source = await api.stack.upload(await photo())
  const handle = await api.client.workflow.start('mosaic', {
    workflowId: `mosaic-plaza-${id}`,
    taskQueue: 'orchestration',
    args: [{ source, params, post, author: { handle: 'kim' }, review: true }],
    memo: { params },
  })
  await expect
    .poll(async () => (await waiting()).some((one) => one.id === handle.workflowId), patience)
    .toBe(true)
  return { handle, id: handle.workflowId, post: id }
}

describe('a mosaic for a post', () => {
  it('is not shown until it is approved; then it is in the gallery and gets its reply', async () => {
    const { handle, id, post } = await asks()
    const [shown] = (await waiting()).filter((one) => one.id === id)
    expect(shown).toMatchObject({ kind: 'mosaic', author: { handle: 'kim' } })
    const picture = await api.request(new URL(shown!.picture).pathname)
    expect((await sharp(await picture.arrayBuffer()).metadata()).width).toBeGreaterThan(0)
    expect(await api.gallery.get(id)).toBeUndefined()
    expect((await api.request(`/v1/jobs/${id}/files/small.jpg`)).status).toBe(404)
    expect((await api.job(id)).progress.stage).toBe('ask-moderator')
    expect(answered).not.toContain(post)

    expect(await (await decide(id, 'approve')).json()).toEqual({ id, decision: 'approve', job: id })
    expect(await handle.result()).toMatchObject({ publication: { status: 'published' } })
    expect(await api.gallery.get(id)).toMatchObject({ username: 'kim' })
    expect(answered.filter((one) => one === post)).toEqual([post])
    expect(await problemOf(await decide(id, 'approve'))).toMatchObject({
      code: 'review_not_found',
      status: 404,
    })
  })

  it('ends as rejected with nothing kept', async () => {
    const { handle, id, post } = await asks()
    await decide(id, 'reject')
    await expect(handle.result()).rejects.toThrow()
    expect(await api.job(id)).toMatchObject({
      status: 'failed',
      error: { code: 'rejected', retryable: false },
    })
    for (const bucket of ['in', 'large', 'small'] as const)
      expect((await api.store.list(bucket, { prefix: `${id}` })).objects).toEqual([])
    expect(answered).not.toContain(post)
    expect((await log())[0]).toMatchObject({ action: 'reject', subject: id })
  })

  it('leaves the queue when its job is canceled', async () => {
    const { handle, id } = await asks()
    await handle.cancel()
    await expect(handle.result()).rejects.toThrow()
    expect((await waiting()).map((one) => one.id)).not.toContain(id)
  })
})

describe('a photo for a tile library', () => {
  const handIn = async (seed: number, handle: string) => {
    const job = JSON.stringify({ library: 'guests', author: { handle } })
    const answer = await api.request('/v1/tiles', form({ image: await tilePhoto(seed), job }))
    const { id } = (await answer.json()) as { id: string }
    await api.client.workflow.getHandle(id).result()
    return (await api.job(id)).result
  }
  const tiles = async () =>
    (await listTiles({ store: api.store, library: 'guests' }).catch(() => [])).map(
      ({ author }) => author?.handle,
    )

  it('becomes a tile if approved, never if rejected, and is only asked about once', async () => {
    expect(await handIn(100, 'eve')).toMatchObject({ added: 0, held: 1 })
    expect(await handIn(101, 'joe')).toMatchObject({ held: 1 })
    expect(await tiles()).toEqual([])
    const held = (await waiting()).filter(({ kind }) => kind === 'tile')
    expect(held.map(({ author, library }) => [author?.handle, library]).sort()).toEqual([
      ['eve', 'guests'],
      ['joe', 'guests'],
    ])
    const idOf = (handle: string) => held.find(({ author }) => author?.handle === handle)!.id
    const { job } = (await (await decide(idOf('eve'), 'approve')).json()) as { job: string }
    await api.client.workflow.getHandle(job).result()
    await decide(idOf('joe'), 'reject')
    expect(await tiles()).toEqual(['eve'])
    expect((await api.store.list('in', { prefix: 'moderation/photos/' })).objects).toEqual([])

    expect(await handIn(101, 'joe')).toMatchObject({ added: 0, skipped: [{ code: 'rejected' }] })
    expect(await handIn(100, 'eve')).toMatchObject({ duplicates: 1 })
    expect((await waiting()).filter(({ kind }) => kind === 'tile')).toEqual([])
  })

  it('resumes an interrupted approval without a second job', async () => {
    await handIn(102, 'lea')
    const [{ id }] = (await waiting()).filter(({ kind }) => kind === 'tile') as [Waiting]
    const item = (await openReviewQueue(api.store).get(id))!
    const first = (await (await decide(id, 'approve')).json()) as { job: string }
    // As if the process had died before removing the picture from the queue.
    await openReviewQueue(api.store).ask(item)
    const second = (await (await decide(id, 'approve')).json()) as { job: string }
    expect(second.job).toBe(first.job)
    expect(await waiting()).toEqual([])
  })

  it('is not accepted from blocked people', async () => {
    expect((await change('PUT', 'handle/@Mallory')).status).toBe(200)
    // Other processes notice within seconds, so another photo is used each time.
    let seed = 103
    await expect
      .poll(() => handIn(seed++, 'mallory'), patience)
      .toMatchObject({ skipped: [{ code: 'author_blocked' }] })
    await change('DELETE', 'handle/mallory')
  })
})

describe('the block lists', () => {
  const seen = (more: Partial<SeenPost>): SeenPost => ({
    ...{
      network: 'plaza',
      id: `b${++posts}`,
      url: '',
      handle: 'someone',
      author: 'Someone',
      summonsUs: true,
    },
    ...{ text: 'Look #mosaicme', createdAt: '', sensitive: false, hashtags: ['mosaicme'] },
    ...{ photos: [{ url: 'http://photos.example/1.jpg' }], isRepost: false, byUs: false, ...more },
  })

  it.each([
    ['a handle, however it is written', 'handle/%40Trouble', { handle: 'trouble' }],
    ['a word, as a word of its own', 'word/BADWORD', { text: 'such a #badword, #mosaicme' }],
    [
      'a word in another script',
      `word/${encodeURIComponent('悪口')}`,
      { text: 'これは 悪口 です #mosaicme' },
    ],
  ])('block %s, and unblock it', async (_, path, post) => {
    const reviews: boolean[] = []
    const take = createTakePost({
      store: api.store,
      blocked: openBlockList(api.store, () => reviews.length * 10_000 + posts * 10_000),
      review: true,
      mosaics: { start: async ({ review = false }) => reviews.push(review) > 0 },
    })
    const wanted = { hashtag: 'mosaicme', optOutWord: 'nomosaic', params }
    expect(await take(seen(post), wanted)).toBe('started')
    expect(reviews).toEqual([true])
    expect((await change('PUT', path)).status).toBe(200)
    expect(await take(seen(post), wanted)).toBe('ignored')
    expect(await take(seen({ text: 'notbadwordatall #mosaicme' }), wanted)).toBe('started')
    await change('DELETE', path)
    expect(await take(seen(post), wanted)).toBe('started')
    expect((await log()).slice(0, 2).map(({ action }) => action)).toEqual(['unblock', 'block'])
  })

  it.each(['word/two%20words', 'handle/a%20b', 'colour/red', 'word/%F0%9F%8E%A8'])(
    'take no %s',
    async (path) => {
      expect((await change('PUT', path)).status).toBe(422)
    },
  )
})

describe('a person', () => {
  it('is removed from the library and from every mosaic with their tiles', async () => {
    const source = await api.stack.upload(await photo())
    const ids = await Promise.all(
      [{ cheat: 20 }, { pyramid: 'virtual' as const }].map(async (more) => {
        const job = await api.stack.start('mosaic', { source, params: { ...params, ...more } })
        await job.result()
        return job.workflowId
      }),
    )
    const planOf = async (id: string) =>
      (await (await api.request(`/v1/jobs/${id}/files/plan.json`)).json()) as {
        tiles: { used: { id: string; author: { handle: string } }[] }
        cells: number[]
      }
    const large = async (id: string) => {
      const answer = await api.request(`/v1/jobs/${id}/files/large.jpg`)
      return await sharp(await answer.arrayBuffer())
        .raw()
        .toBuffer()
    }
    const before = await Promise.all(ids.map(planOf))
    const pixelsBefore = await large(ids[0]!)
    expect(before.every(({ tiles }) => tiles.used.some(({ author }) => author.handle === 'Ann'))).toBe(true)
    const gone = new Set(
      before[0]!.tiles.used.flatMap(({ id, author }) => (author.handle === 'Ann' ? id : [])),
    )
    // Cached now, and must not be shown again.
    const level = `/v1/jobs/${ids[1]}/files/mosaic_files/8/0_0.jpg`
    const tileBefore = Buffer.from(await (await api.request(level)).arrayBuffer())

    const { site, stop } = await listen(api)
    const said: string[] = []
    const { log: say } = console
    console.log = (line) => void said.push(String(line))
    await main(['tiles', 'rm', 'mixed', '--author', '@ann', '--json', '--url', site]).finally(() => {
      console.log = say
    })
    await stop()
    expect(process.exitCode ?? 0).toBe(0)
    const job = JSON.parse(said.at(-1)!) as { id: string; result: object }
    expect(job.result).toMatchObject({ removed: 12, size: 28, skipped: [] })
    expect((job.result as { remade: number }).remade).toBeGreaterThanOrEqual(2)

    const after = await Promise.all(ids.map(planOf))
    for (const [n, plan] of after.entries()) {
      expect(plan.tiles.used.map(({ author }) => author.handle)).not.toContain('Ann')
      // Only their cells change.
      const idAt = ({ tiles, cells }: typeof plan, cell: number) => tiles.used[cells[cell]!]!.id
      for (const cell of plan.cells.keys())
        if (!gone.has(idAt(before[n]!, cell))) expect(idAt(plan, cell)).toBe(idAt(before[n]!, cell))
    }
    expect((await large(ids[0]!)).equals(pixelsBefore)).toBe(false)
    expect(Buffer.from(await (await api.request(level)).arrayBuffer()).equals(tileBefore)).toBe(false)
    expect((await api.store.list('in', { prefix: job.id })).objects).toEqual([])
    const record = layout.mosaic.record(ids[0]!)
    const kept = await api.store.get(record.bucket, record.key)
    const { large: told } = JSON.parse(Buffer.concat(await kept.body.toArray()).toString())
    const stored = await api.store.head('large', `${ids[0]}.jpg`)
    expect(told.bytes).toBe(stored!.size)
    expect((await log()).map(({ action }) => action)).toContain('remove-author')

    // Again: nothing is left, and nothing is remade.
    const again = await api.request('/v1/tiles/mixed/authors/ann', { method: 'DELETE' })
    const { id } = (await again.json()) as { id: string }
    expect(await api.client.workflow.getHandle(id).result()).toMatchObject({ removed: 0, remade: 0 })
  })
})
