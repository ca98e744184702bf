import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { WorkflowFailedError } from '@temporalio/client'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { Worker } from '@temporalio/worker'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rebuildGallery } from '../../activities/rebuild-gallery.ts'
import { removeTiles } from '../../activities/tile-library/index.ts'
import { ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import { SocialError } from '../../adapters/social/social-error.ts'
import { workflowCode } from '../../workers/workflow-code.ts'
import type { MosaicJob, MosaicParams } from '../../workflows/contract/job.ts'
import { plaza } from '../social/plaza.ts'
import { weigh } from './history.ts'
import { forgetPromises } from './on-this-thread.ts'
import { patienceOf } from './patience.ts'
import { photo } from './pictures.ts'
import { type Stack, startStack } from './stack.ts'
import { addStripedTiles } from './striped-tiles.ts'

const params: MosaicParams = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 85 }

const replies: { id: string; text: string }[] = []
const network = plaza({
  async reply(to, { text }) {
    replies.push({ id: to.id, text })
    return { url: `https://plaza.example/${to.id}/answer` }
  },
})

let lostAnswers = 0
const brokenNetwork = plaza({
  name: 'broken',
  async reply(_to, _message, { beforePosting } = {}) {
    await beforePosting?.()
    lostAnswers++
    throw new SocialError('social_connection_lost', 'the answer was lost', { maybeDone: true })
  },
  async findReply() {
    throw new SocialError('social_forbidden', 'the timeline is not shown', { retryable: false })
  },
})

/** Faults of the store, one per call. */
const faults: Error[] = []

/** Called once when the first deep-zoom tile is stored; the step then only continues when it is cancelled. */
let duringUpload: (() => void) | undefined

/** Called once between plan and compose. */
let beforeCompose: ((plan: string) => Promise<void>) | undefined

describe('a mosaic', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack({
      networks: [network, brokenNetwork],
      fetchAllowHosts: ['127.0.0.1'],
      wrapStore: (store) => {
        const copy = store.copy.bind(store)
        store.copy = async (...args) => {
          const fault = faults.shift()
          if (fault) throw fault
          return await copy(...args)
        }
        const put = store.put.bind(store)
        store.put = async (bucket, key, body, options) => {
          const info = await put(bucket, key, body, options)
          if (key.includes('_files/') && duringUpload) {
            duringUpload()
            duringUpload = undefined
            await once(options!.signal!, 'abort')
          }
          if (key.endsWith('/plan.json')) {
            const act = beforeCompose
            beforeCompose = undefined
            await act?.(Buffer.from(body as Uint8Array).toString())
          }
          return info
        }
        return store
      },
    })
    await addStripedTiles(stack.store)
  })
  afterAll(async () => await stack?.stop())

  const job = async (overrides: Partial<MosaicJob> = {}): Promise<MosaicJob> => ({
    source: await stack.upload(await photo()),
    params,
    author: { name: '名前 🎉', handle: 'someone' },
    ...overrides,
  })

  it('leaves exactly a large picture, a small one, a pyramid, a plan and an entry in the gallery', async () => {
    const handle = await stack.start('mosaic', await job())
    const result = await handle.result()
    const id = handle.workflowId

    expect(result).toMatchObject({ cells: { columns: 20, rows: 15 }, large: { width: 320, height: 240 } })
    const large = await buffer((await stack.store.get('large', `${id}.jpg`)).body)
    expect(await sharp(large).metadata()).toMatchObject({ width: 320, height: 240, format: 'jpeg' })
    expect(large.byteLength).toBe(result.large.bytes)

    const plan = JSON.parse(
      (await buffer((await stack.store.get('large', `${id}.plan.json`)).body)).toString(),
    )
    expect(JSON.stringify(plan)).toContain('tile 1')

    const dzi = (await buffer((await stack.store.get('large', `${id}.dzi`)).body)).toString()
    expect(dzi).toContain('Width="320"')
    const { objects } = await stack.store.list('large', { prefix: `${id}_files/` })
    expect(objects.map(({ key }) => key)).toContain(`${id}_files/0/0_0.jpg`)

    expect((await stack.store.head('small', `${id}.jpg`))?.metadata).toEqual({
      author: '名前 🎉',
      username: 'someone',
    })
    expect(await stack.gallery.get(id)).toMatchObject({
      username: 'someone',
      author: '名前 🎉',
      url_small: `https://mosaics.example/v1/jobs/${id}/files/small.jpg`,
    })
    expect((await stack.store.list('in', { prefix: `${id}/` })).objects).toEqual([])
  })

  it('has cells according to photo and mask, and can be remade from its own tiles', async () => {
    const half = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#000' } })
      .composite([
        { input: { create: { width: 20, height: 30, channels: 3, background: '#fff' } }, left: 0, top: 0 },
      ])
      .png()
      .toBuffer()
    await using site = await serve(half)
    const look = { layout: 'quadtree', detail: 30, background: '#00ff00' } as const
    const handle = await stack.start(
      'mosaic',
      await job({ params: { ...params, ...look, mask: { url: site.url } } }),
    )
    const { cells, large } = await handle.result()
    expect(cells).toMatchObject({ columns: 20, rows: 15, count: expect.any(Number) })
    expect(cells.count).toBeLessThan(150)
    const { data, info } = await sharp(await buffer((await stack.store.get('large', large.key)).body))
      .raw()
      .toBuffer({ resolveWithObject: true })
    const right = (100 * info.width + 300) * 3
    expect([data[right]! < 60, data[right + 1]! > 200, data[right + 2]! < 60]).toEqual([true, true, true])
    const steps = (await handle.fetchHistory()).events!.flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    )
    expect(steps.slice(0, 3)).toEqual(['download', 'download', 'tileMatch'])
    expect((await stack.store.list('in', { prefix: `${handle.workflowId}/` })).objects).toEqual([])

    const edits = { pin: [{ x: 0, y: 0, tile: 'tile 7' }] }
    const source = { mosaic: handle.workflowId, edits }
    const edited = await stack.start('mosaic', await job({ source, params: { ...params, ...look } }))
    expect((await edited.result()).cells).toEqual(cells)
  })

  it('keeps its history small: few events, small payloads', async () => {
    const handle = await stack.start('mosaic', await job())
    await handle.result()
    const { events, bytes, largestPayload } = await weigh(handle)
    expect(events).toBeLessThan(100)
    expect(bytes).toBeLessThan(100_000)
    expect(largestPayload).toBeLessThan(4_096)
  })

  it('replays against today’s workflow code', async () => {
    const handle = await stack.start('mosaic', await job())
    await handle.result()
    const workflowBundle = await workflowCode()
    await Worker.runReplayHistory({ workflowBundle }, await handle.fetchHistory(), handle.workflowId)
    forgetPromises()
  })

  it('gives the same bytes for the same photo, options and tiles', async () => {
    const [a, b] = await Promise.all([stack.start('mosaic', await job()), stack.start('mosaic', await job())])
    await Promise.all([a.result(), b.result()])
    const [first, second] = await Promise.all(
      [a, b].map(async ({ workflowId }) =>
        buffer((await stack.store.get('large', `${workflowId}.jpg`)).body),
      ),
    )
    expect(first!.equals(second!)).toBe(true)
  })

  it('survives temporary failures of the store', async () => {
    faults.push(new ObjectStoreError('store_unavailable', 'the store is down', { retryable: true }))
    const handle = await stack.start('mosaic', await job())
    await handle.result()
    const { events } = await handle.fetchHistory()
    const attempts = events!.map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0)
    expect(Math.max(...attempts)).toBe(2)
    expect(await stack.store.head('small', `${handle.workflowId}.json`)).toBeDefined()
  })

  it('tries each step for longer than a store takes to restart, a bounded number of times, however late it begins', async () => {
    const handle = await stack.start('mosaic', await job())
    await handle.result()
    const tried = (await patienceOf(handle)).filter(({ step }) => step !== 'discardWork')
    const steps = ['download', 'tileMatch', 'compose', 'thumbnail', 'upload', 'cache']
    expect(tried.map(({ step }) => step)).toEqual(steps)
    for (const { step, span, attempts } of tried)
      expect([step, span > 120, attempts]).toEqual([step, true, 10])
    // The workers of a queue may be down overnight.
    for (const { step, inAll } of tried) expect([step, inAll]).toEqual([step, Number.POSITIVE_INFINITY])
  })

  it('is planned again if a tile is removed before composing', async () => {
    beforeCompose = async (plan) => {
      const { tiles } = JSON.parse(plan) as { tiles: { used: { id: string }[] } }
      await removeTiles({ store: stack.store, library: 'small', tileIds: [tiles.used[0]!.id] })
    }
    const handle = await stack.start('mosaic', await job())
    await handle.result()
    const { events } = await handle.fetchHistory()
    const ordered = events!.flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    )
    expect(ordered.slice(0, 6)).toEqual([
      'download',
      'tileMatch',
      'compose',
      'tileMatch',
      'compose',
      'thumbnail',
    ])
  })

  it('replies to the post that asked for it, with a link', async () => {
    const post = {
      network: 'plaza',
      id: '42',
      url: 'https://plaza.example/42',
      handle: 'someone',
      author: 'Someone',
    }
    const handle = await stack.start('mosaic', await job({ post }))
    const { publication } = await handle.result()
    expect(publication).toEqual({ status: 'published', url: 'https://plaza.example/42/answer' })
    expect(replies).toEqual([
      {
        id: '42',
        text: `Hi @someone Here is your mosaic: https://mosaics.example/mosaic/${handle.workflowId}`,
      },
    ])
  })

  it('stays in the gallery if the post gets no reply', async () => {
    const post = { network: 'elsewhere', id: '1', url: 'https://e.example/1', handle: 'h', author: 'H' }
    const handle = await stack.start('mosaic', await job({ post }))
    expect((await handle.result()).publication).toMatchObject({ status: 'gallery_only' })
    expect(await stack.gallery.get(handle.workflowId)).toBeDefined()
  })

  it('fetches a photo by URL, and reports what is wrong with a bad one', async () => {
    const bytes = await photo()
    const server = createServer((request, response) => {
      if (request.url === '/photo.jpg') response.setHeader('content-type', 'image/jpeg').end(bytes)
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const good = await stack.start(
        'mosaic',
        await job({ source: { url: `http://127.0.0.1:${port}/photo.jpg` } }),
      )
      expect(await good.result()).toMatchObject({ cells: { columns: 20, rows: 15 } })
      const bad = await stack.start(
        'mosaic',
        await job({ source: { url: `http://127.0.0.1:${port}/none.jpg` } }),
      )
      const failure = await failureOf(bad)
      expect(failure).toMatchObject({
        type: 'http_status',
        details: [{ stage: 'download', retryable: false }],
      })
    } finally {
      server.close()
    }
  })

  it.each([
    ['a library that is not there', { library: 'nowhere' }, 'library_not_found'],
    ['a library too small for the distance', { distance: 9 }, 'library_too_small'],
  ])('fails with a message for %s', async (_, overrides, code) => {
    const handle = await stack.start('mosaic', await job({ params: { ...params, ...overrides } }))
    const failure = await failureOf(handle)
    expect(failure.type).toBe(code)
    expect(failure.details).toEqual([{ stage: 'tile-match', retryable: false }])
  })

  it('stops half-way when it is cancelled, and removes its work', async () => {
    // Three quarters of a million cells would run for minutes.
    const big = await stack.upload(await photo(800, 600))
    const handle = await stack.start(
      'mosaic',
      await job({ source: big, params: { ...params, scale: 20, cell: 16 } }),
    )
    await untilStage(handle, ['tile-match', 'compose'])
    await handle.cancel()
    const error = await handle.result().catch((error: unknown) => error)
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure)
    expect((await stack.store.list('in', { prefix: `${handle.workflowId}/` })).objects).toEqual([])
    const { typedSearchAttributes } = await handle.describe()
    expect(JSON.stringify(typedSearchAttributes.getAll())).toContain('canceled')
  })

  it('publishes nothing when it is cancelled during its upload', async () => {
    const uploading = new Promise<void>((resolve) => {
      duringUpload = resolve
    })
    const handle = await stack.start('mosaic', await job())
    await uploading
    await handle.cancel()
    await expect(handle.result()).rejects.toThrow()
    const id = handle.workflowId
    for (const bucket of ['in', 'large', 'small'] as const) {
      const { objects } = await stack.store.list(bucket, { prefix: id })
      expect(objects.map(({ key }) => key)).toEqual([])
    }
    expect(await stack.gallery.get(id)).toBeUndefined()
    // Even if the store or the workers of these steps are down for hours.
    const closing = (await patienceOf(handle)).slice(-2)
    expect(closing.map(({ step }) => step)).toEqual(['withdraw', 'keepRecord'])
    for (const { step, span } of closing) expect([step, span > 12 * 60 * 60]).toEqual([step, true])
  })

  it('succeeds, and posts nothing more, if it cannot know whether its reply was posted', async () => {
    const post = { network: 'broken', id: '7', url: 'https://b.example/7', handle: 'h', author: 'H' }
    const handle = await stack.start('mosaic', await job({ post }))
    expect((await handle.result()).publication).toEqual({
      status: 'unknown',
      reason: 'the timeline is not shown',
    })
    expect(lostAnswers).toBe(1)
  })

  it('is restored to a flushed gallery from its record alone, naming a damaged record', async () => {
    const handle = await stack.start('mosaic', await job())
    await handle.result()
    const before = await stack.gallery.get(handle.workflowId)
    await stack.store.put('small', 'mosaic-damaged.json', Buffer.from('{"version": 1, "id":'))
    const { body } = await stack.store.get('small', `${handle.workflowId}.json`)
    const undated = { ...(JSON.parse((await buffer(body)).toString()) as object), date: 'in spring' }
    await stack.store.put('small', 'mosaic-undated.json', Buffer.from(JSON.stringify(undated)))
    await stack.gallery.replaceAll([])

    const rebuilt = await rebuildGallery({
      store: stack.store,
      gallery: stack.gallery,
      site: 'https://mosaics.example',
    })
    expect(rebuilt.unreadable).toEqual([
      { key: 'mosaic-damaged.json', reason: expect.stringContaining('JSON') },
      { key: 'mosaic-undated.json', reason: expect.stringContaining('in spring') },
    ])
    expect(await stack.gallery.get(handle.workflowId)).toEqual(before)
  })
})

async function failureOf(handle: { result(): Promise<unknown> }): Promise<ApplicationFailure> {
  const error = await handle.result().catch((error: unknown) => error)
  expect(error).toBeInstanceOf(WorkflowFailedError)
  const { cause } = error as WorkflowFailedError
  expect(cause).toBeInstanceOf(ApplicationFailure)
  return cause as ApplicationFailure
}

async function untilStage(
  handle: { describe(): Promise<{ memo?: Record<string, unknown> | undefined }> },
  stages: string[],
): Promise<void> {
  await expect
    .poll(
      async () => {
        const { memo } = await handle.describe()
        return stages.includes((memo?.progress as { stage: string } | undefined)?.stage ?? '')
      },
      { timeout: 20_000, interval: 50 },
    )
    .toBe(true)
}

/** Responds to every request with these bytes. */
async function serve(bytes: Buffer): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((_, response) => response.setHeader('content-type', 'image/png').end(bytes))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/mask.png`,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}
