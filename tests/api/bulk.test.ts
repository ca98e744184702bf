/** Bulk jobs: many pictures, one job. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ZipFile } from 'yazl'
import { ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import type { Job } from '../../api/client.ts'
import type { BulkJob } from '../../workflows/contract/job.ts'
import { zip } from '../hostile/craft/zip.ts'
import { type Api, form, picture, problemOf, startApi } from './api.ts'

type BulkResult = NonNullable<Extract<Job, { type: 'bulk' }>['result']>
interface Line {
  index: number
  name: string
  result?: { key: string; width: number; format: string; outputs?: { name: string; key: string }[] }
  error?: { code: string; message: string }
}

let api: Awaited<ReturnType<typeof startApi>>
let server: Server
let origin: string
/** Paths to which the pictures' server does not respond. */
const broken = new Set<string>()
const asked: string[] = []
/** Ends of keys that the store keeps to itself, and of those that it gives late. */
const locked = new Set<string>()
const late = new Map<string, Promise<void>>()
beforeAll(async () => {
  const photo = await picture(60, 40)
  server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    if (broken.has(path)) response.writeHead(404).end()
    else response.end(photo)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  origin = `http://${host}`
  api = await startApi(
    {},
    {
      fetchAllowHosts: [host],
      wrapStore: (store) => {
        const get = store.get.bind(store)
        store.get = async (bucket, key, options) => {
          for (const [end, moment] of late) if (key.endsWith(end)) await moment
          for (const end of locked)
            if (key.endsWith(end)) throw new ObjectStoreError('access_denied', 'The bucket is locked.')
          return await get(bucket, key, options)
        }
        return store
      },
    },
  )
})
afterAll(async () => {
  server.close()
  await api?.stop()
})

async function start(api: Api, body: object | RequestInit): Promise<string> {
  const answer = 'method' in body ? await api.request('/v1/bulk', body) : await api.post('/v1/bulk', body)
  const job = (await answer.json()) as Job
  expect(answer.status, JSON.stringify(job)).toBe(202)
  return job.id
}
async function finished(id: string): Promise<Job & { result: BulkResult }> {
  const answer = await api.request(`/v1/jobs/${id}`, { headers: { Prefer: 'wait=30' } })
  const job = (await answer.json()) as Job & { result: BulkResult }
  expect(job.status, JSON.stringify(job.error)).toBe('succeeded')
  return job
}
async function manifest(id: string): Promise<Line[]> {
  const text = await (await api.request(`/v1/jobs/${id}/result`)).text()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

describe('a list of URLs', () => {
  it('becomes pictures and a manifest; failures do not stop the rest', async () => {
    broken.add('/2.jpg')
    const urls = Array.from({ length: 5 }, (_, n) => `${origin}/${n}.jpg`)
    const id = await start(api, { input: { urls }, width: 20, metadata: { order: '7' } })
    const job = await finished(id)
    expect(job).toMatchObject({
      type: 'bulk',
      metadata: { order: '7' },
      params: { input: { pictures: 5 }, width: 20 },
    })
    expect(job.result).toMatchObject({
      ...{ items: 5, succeeded: 4, failed: 1 },
      failures: [{ name: `${origin}/2.jpg`, code: 'http_status' }],
    })
    const lines = await manifest(id)
    expect(lines.map(({ index, name }) => [index, name])).toEqual(urls.map((url, n) => [n, url]))
    for (const { index, result, error } of lines) {
      if (index === 2) expect(error?.message).toContain('404')
      else {
        const file = await api.request(`/v1/jobs/${id}/files/${result!.key.split('/').at(-1)}`)
        expect((await sharp(Buffer.from(await file.arrayBuffer())).metadata()).width).toBe(20)
      }
    }
  })

  it('a replay processes only the failed ones', async () => {
    broken.add('/late.jpg')
    const urls = [`${origin}/early.jpg`, `${origin}/late.jpg`, `${origin}/2.jpg`]
    const id = await start(api, { input: { urls }, width: 20 })
    const before = await finished(id)
    expect(before.urls.replay).toMatch(/\/replay$/)
    broken.delete('/late.jpg')
    asked.length = 0
    const answer = await api.request(`/v1/jobs/${id}/replay`, { method: 'POST' })
    expect(answer.status).toBe(202)
    const after = await finished(id)
    expect(after.result).toMatchObject({ items: 3, succeeded: 2, failed: 1 })
    expect([...asked].sort()).toEqual(['/2.jpg', '/late.jpg'])

    broken.delete('/2.jpg')
    await api.request(`/v1/jobs/${id}/replay`, { method: 'POST' })
    expect((await finished(id)).result).toMatchObject({ succeeded: 3, failed: 0, failures: [] })
    expect((await manifest(id)).map(({ error }) => error)).toEqual([undefined, undefined, undefined])
    const again = await api.request(`/v1/jobs/${id}/replay`, { method: 'POST' })
    expect([again.status, (await problemOf(again)).code]).toEqual([409, 'not_failed'])
    // Staged work is removed when there is nothing left to do.
    expect((await api.store.list('in', { prefix: `${id}/` })).objects).toEqual([])
  })
})

it('uploads keep their format unless one is named, with several outputs each', async () => {
  const uploads = await Promise.all(
    (['jpeg', 'png', 'gif'] as const).map(async (format) => {
      const answer = await api.request('/v1/uploads', {
        method: 'POST',
        body: new Uint8Array(await picture(30, 20, format)),
      })
      return { ...((await answer.json()) as { upload: string }), name: `a.${format}` }
    }),
  )
  const input = { uploads: uploads.map(({ upload, name }) => ({ upload, name })) }
  const id = await start(api, {
    input,
    outputs: [
      { name: 's', width: 5 },
      { name: 'm', width: 10, format: 'webp' },
    ],
  })
  await finished(id)
  const lines = await manifest(id)
  expect(lines.map(({ name, result }) => [name, result?.format])).toEqual([
    ['a.jpeg', 'jpeg'],
    ['a.png', 'png'],
    ['a.gif', 'gif'],
  ])
  expect(lines[1]!.result!.outputs!.map(({ key }) => key)).toEqual([
    `bulk/${id}/0000001-s.png`,
    `bulk/${id}/0000001-m.webp`,
  ])
})

it('everything under a prefix of a bucket', async () => {
  for (const name of ['a', 'b', 'c'])
    await api.store.put('in', `bulk/shoes/${name}.jpg`, await picture(20, 20))
  await api.store.put('in', 'bulk/other/d.jpg', await picture(20, 20))
  const id = await start(api, { input: { prefix: { bucket: 'in', prefix: 'bulk/shoes/' } }, width: 10 })
  expect((await finished(id)).result.items).toBe(3)
  expect((await manifest(id)).map(({ name }) => name)).toEqual(
    ['a', 'b', 'c'].map((name) => `bulk/shoes/${name}.jpg`),
  )
  const empty = await start(api, { input: { prefix: { bucket: 'raw', prefix: 'nobody/' } }, width: 10 })
  const failed = (await (
    await api.request(`/v1/jobs/${empty}`, { headers: { Prefer: 'wait=20' } })
  ).json()) as Job
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'no_items' } })
})

it('the files of a zip', async () => {
  const zip = new ZipFile()
  zip.addEmptyDirectory('folder')
  zip.addBuffer(await picture(20, 20), 'folder/a.jpg')
  zip.addBuffer(Buffer.from('no picture'), 'b.txt')
  zip.addBuffer(Buffer.from('x'), '__MACOSX/._a.jpg')
  zip.end()
  const bytes = await buffer(zip.outputStream)
  const id = await start(api, form({ zip: bytes, job: JSON.stringify({ width: 10 }) }))
  expect((await finished(id)).result).toMatchObject({
    items: 2,
    succeeded: 1,
    failures: [{ name: 'b.txt', code: 'not_an_image' }],
  })

  const cut = await start(api, form({ zip: bytes.subarray(0, bytes.length - 30), job: '{"width":10}' }))
  const failed = (await (
    await api.request(`/v1/jobs/${cut}`, { headers: { Prefer: 'wait=20' } })
  ).json()) as Job
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'invalid_zip', retryable: false } })
})

it('a file of a zip that cannot be unpacked does not stop the others, and is not tried again', async () => {
  const data = await picture(20, 20)
  const bytes = zip([
    { name: 'a.jpg', data },
    { name: 'locked.jpg', data, flags: 0x801 },
    { name: 'longer than it says.jpg', data, claimedSize: 10 },
    { name: 'b.jpg', data },
  ])
  const id = await start(api, form({ zip: bytes, job: JSON.stringify({ width: 10 }) }))
  const failures = ['locked.jpg', 'longer than it says.jpg'].map((name) => ({ name, code: 'invalid_zip' }))
  const result = { items: 4, succeeded: 2, failed: 2, failures }
  expect((await finished(id)).result).toMatchObject(result)
  await api.request(`/v1/jobs/${id}/replay`, { method: 'POST' })
  expect((await finished(id)).result).toMatchObject(result)
})

it('many files in one form', async () => {
  const id = await start(
    api,
    form({
      image: [await picture(20, 20), await picture(30, 20), new Uint8Array(5)],
      job: '{"width":10,"format":"webp"}',
    }),
  )
  const { result } = await finished(id)
  expect(result).toMatchObject({ items: 3, succeeded: 2, failed: 1 })
})

it.each([
  [{ input: {}, width: 5 }, '/input'],
  [{ input: { urls: ['x'] }, width: 5 }, '/input/urls/0'],
  [{ input: { urls: ['http://a.example/'] } }, '/width'],
  [{ input: { prefix: { bucket: 'in', prefix: 'uploads/' } }, width: 5 }, '/input/prefix/prefix'],
  [{ input: { prefix: { bucket: 'small', prefix: 'x' } }, width: 5 }, '/input/prefix/bucket'],
])('refuses %j', async (body, pointer) => {
  const problem = await problemOf(await api.post('/v1/bulk', body))
  expect(problem).toMatchObject({ status: 422, errors: [expect.objectContaining({ pointer })] })
})

it('two different forms with one Idempotency-Key at the same moment do not replace each other’s pictures', async () => {
  const put = vi.spyOn(api.store, 'put')
  const post = async (width: number) => {
    const parts = form({ job: '{"width":5}', image: [await picture(width, 20)] })
    return await api.request('/v1/bulk', { ...parts, headers: { 'Idempotency-Key': 'two at once' } })
  }
  const answers = await Promise.all([post(20), post(30)])
  const [accepted, refused] = answers.toSorted((one, other) => one.status - other.status)
  expect([accepted?.status, refused?.status]).toEqual([202, 422])
  const { id } = (await accepted!.json()) as Job
  const pictures = put.mock.calls
    .map(([, key]) => key)
    .filter((key) => /^bulk-[^/]+\/(pictures|unpacked)\//.test(key))
  expect(pictures).toHaveLength(2)
  expect(new Set(pictures).size).toBe(2)
  expect((await finished(id)).result).toMatchObject({ items: 1, succeeded: 1 })
})

it('rejects a form with more pictures than an archive may have', async () => {
  const parts = form({ job: '{"width":5}', image: Array<Uint8Array>(10_001).fill(new Uint8Array(1)) })
  const problem = await problemOf(await api.request('/v1/bulk', parts))
  expect(problem).toMatchObject({ status: 422, errors: [expect.objectContaining({ pointer: '/image' })] })
  expect(problem.detail).toContain('at most 10000 pictures')
})

it('is listed once, however often it was replayed', async () => {
  const id = await start(api, { input: { urls: [`${origin}/x.jpg`] }, width: 5 })
  await finished(id)
  await expect
    .poll(
      async () => {
        const list = (await (await api.request('/v1/jobs?type=bulk&limit=100')).json()) as {
          data: { id: string }[]
        }
        return list.data.map((job) => job.id).filter((one, at, all) => one === id || all.indexOf(one) < at)
      },
      { timeout: 10_000 },
    )
    .toEqual([id])
})

it.each([
  ['batches', {}],
  ['parts', { partSize: 1 }],
])(
  'goes on with what was not done when it is replayed, although other %s were done after that had failed',
  async (_, size) => {
    const source = await api.stack.upload(await picture(16, 16))
    const list = [0, 1, 2].map((n) => ({ name: `picture ${n}`, source }))
    const { object } = await api.stack.upload(Buffer.from(JSON.stringify(list)))
    let goOn = () => {}
    late.set(
      '/items/0000000/0000000.json',
      new Promise((resolve) => {
        goOn = resolve
      }),
    )
    locked.add('/items/0000000/0000001.json')
    const handle = await api.stack.start('bulk', {
      ...{ source: { list: object, count: 3 }, params: { width: 4, fit: 'cover' }, batchSize: 1, ...size },
    })
    const hasFailed = async () =>
      (await handle.fetchHistory()).events?.some(
        (event) =>
          event.activityTaskFailedEventAttributes ?? event.childWorkflowExecutionFailedEventAttributes,
      )
    await expect.poll(hasFailed, { timeout: 20_000 }).toBe(true)
    goOn()
    await expect(handle.result()).rejects.toThrow()
    locked.clear()
    late.clear()
    const made = { bucket: 'small', key: `bulk/${handle.workflowId}/0000000.jpg` } as const
    const before = await api.store.head(made.bucket, made.key)
    const answer = await api.request(`/v1/jobs/${handle.workflowId}/replay`, { method: 'POST' })
    expect(answer.status).toBe(202)
    expect((await finished(handle.workflowId)).result).toMatchObject({ items: 3, succeeded: 3, failed: 0 })
    // What was done stays done.
    expect((await api.store.head(made.bucket, made.key))?.modifiedAt).toEqual(before?.modifiedAt)
  },
)

describe('more than one history holds', () => {
  const job = async (count: number): Promise<BulkJob> => {
    const source = await api.stack.upload(await picture(16, 16))
    const list = Array.from({ length: count }, (_, n) => ({ name: `picture ${n}`, source }))
    const { object } = await api.stack.upload(Buffer.from(JSON.stringify(list)))
    return { source: { list: object, count }, params: { width: 4, fit: 'cover' }, batchSize: 3, partSize: 4 }
  }

  it('is split into parts, each with its own history', async () => {
    const handle = await api.stack.start('bulk', await job(40))
    expect(await handle.result()).toMatchObject({ items: 40, succeeded: 40, failed: 0 })
    const { events } = await handle.fetchHistory()
    const children = events?.filter((event) => event.childWorkflowExecutionCompletedEventAttributes)
    expect(children).toHaveLength(4)
    expect(
      events?.some(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'bulkResize',
      ),
    ).toBe(false)
    const { memo } = await handle.describe()
    expect(memo).toMatchObject({ progress: { stage: 'bulk-gather', done: 2, total: 3 } })
    const lines = (
      await buffer((await api.store.get('small', `bulk/${handle.workflowId}/manifest.jsonl`)).body)
    ).toString()
    expect(
      lines
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Line).index),
    ).toEqual(Array.from({ length: 40 }, (_, n) => n))
  })

  it('reports its progress, and stops with its parts when it is canceled', async () => {
    const handle = await api.stack.start('bulk', await job(600))
    const done = async () => {
      const { memo } = await handle.describe()
      return ((memo?.progress as { items?: { done: number; total: number } })?.items ?? { done: 0 }).done
    }
    while ((await done()) === 0) await new Promise((next) => setTimeout(next, 50))
    await handle.cancel()
    await expect(handle.result()).rejects.toThrow()
    expect((await handle.describe()).status.name).toBe('CANCELLED')
    const running = `WorkflowType = 'bulkPart' AND ExecutionStatus = 'Running'`
    await expect
      .poll(async () => (await api.client.workflow.count(running)).count, { timeout: 10_000 })
      .toBe(0)
    expect((await api.store.list('small', { prefix: `bulk/${handle.workflowId}/` })).objects).toEqual([])
  })
})
