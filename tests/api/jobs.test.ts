/** The life of a job over HTTP, with all workers. */
import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job } from '../../api/client.ts'
import { photo, tilePhoto } from '../workflows/pictures.ts'
import { type Api, base64, forgetfulClient, form, picture, problemOf, startApi } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(async () => await api?.stop())

const resize = async (more: object = {}) => ({
  type: 'resize',
  width: 32,
  input: { base64: await base64() },
  ...more,
})

describe('a resize', () => {
  it('returns the finished job if the caller prefers to wait', async () => {
    const answer = await api.post('/v1/jobs', await resize({ metadata: { order: '4711' } }), {
      Prefer: 'wait=20',
    })
    const job = (await answer.json()) as Job
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Preference-Applied')).toBe('wait=20')
    expect(answer.headers.get('Location')).toBe(job.urls.self)
    expect(job).toMatchObject({
      type: 'resize',
      status: 'succeeded',
      params: { width: 32, fit: 'cover', format: 'jpeg', quality: 80, withoutEnlargement: false },
      metadata: { order: '4711' },
      progress: { stage: 'resize', done: 1, total: 1, step: 1, steps: 1 },
      result: { width: 32, height: 24, format: 'jpeg', url: `http://localhost/v1/jobs/${job.id}/result` },
      error: null,
      attempts: [],
      urls: { temporal: expect.stringContaining(job.id) },
    })
    expect(job.id).toMatch(/^resize-[0-9a-z]{26}$/)
    expect(Date.parse(job.completed_at ?? '')).toBeGreaterThanOrEqual(Date.parse(job.created_at))
  })

  it('returns 202 at once without waiting, and is found at its Location', async () => {
    const answer = await api.post('/v1/jobs', await resize())
    expect(answer.status).toBe(202)
    expect(answer.headers.get('Retry-After')).toBe('1')
    const found = await api.request(answer.headers.get('Location') ?? '', { headers: { Prefer: 'wait=20' } })
    expect(await found.json()).toMatchObject({ status: 'succeeded' })
  })

  it.each([
    [
      'a form',
      async () => form({ job: '{"type":"resize","width":20}', image: await picture(40, 20, 'png') }),
    ],
    [
      'a form without a file',
      async () =>
        form({
          job: JSON.stringify({ type: 'resize', width: 20, input: { base64: await base64(40, 20, 'png') } }),
        }),
    ],
    [
      'an upload',
      async () => {
        const body = new Uint8Array(await picture(40, 20, 'png'))
        const answer = await api.request('/v1/uploads', { method: 'POST', body })
        expect(answer.status).toBe(201)
        const { upload, ...facts } = (await answer.json()) as { upload: string }
        expect(upload).toBe(createHash('sha256').update(body).digest('hex'))
        expect(facts).toEqual({ width: 40, height: 20, format: 'png', bytes: body.length })
        return {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ type: 'resize', width: 20, input: { upload } }),
        }
      },
    ],
    [
      'a data URL with line breaks',
      async () => {
        const text = (await base64(40, 20, 'png')).replace(/.{76}/g, '$&\r\n')
        return {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({
            type: 'resize',
            width: 20,
            input: { base64: `data:image/png;base64,${text}` },
          }),
        }
      },
    ],
  ])('takes its picture as %s, and keeps its format', async (_, init) => {
    const { headers, ...rest } = (await init()) as RequestInit
    const answer = await api.request('/v1/jobs', { ...rest, headers: { ...headers, Prefer: 'wait=20' } })
    const job = (await answer.json()) as Job
    expect(job).toMatchObject({ status: 'succeeded', result: { width: 20, height: 10, format: 'png' } })
  })

  it('says why it failed if the picture is damaged', async () => {
    const half = (await photo(400, 300)).subarray(0, 3000)
    const input = { base64: Buffer.from(half).toString('base64') }
    const job = await api.finish({ type: 'resize', width: 32, input })
    expect(job).toMatchObject({
      status: 'failed',
      result: null,
      error: {
        code: 'image_truncated',
        retryable: false,
        stage: 'resize',
        message: expect.stringMatching(/expected/i),
      },
    })
    const result = await api.request(job.urls.result ?? '')
    expect(await problemOf(result)).toMatchObject({ status: 409, code: 'no_result' })
    expect((await api.request(job.urls.self)).status).toBe(200)
  })
})

describe('a job', () => {
  it('is not sent again if the caller has its current state', async () => {
    const job = await api.finish(await resize())
    const first = await api.request(job.urls.self)
    const etag = first.headers.get('ETag') ?? ''
    expect(etag).toMatch(/^"[\w-]+"$/)
    const again = await api.request(job.urls.self, { headers: { 'If-None-Match': `"other", ${etag}` } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    const other = await api.request(job.urls.self, { headers: { 'If-None-Match': '"other"' } })
    expect(other.status).toBe(200)
  })

  it('cannot be canceled once it has ended', async () => {
    const job = await api.finish(await resize())
    const answer = await api.request(job.urls.cancel, { method: 'POST' })
    expect(await problemOf(answer)).toMatchObject({ status: 409, code: 'already_finished' })
  })

  it('is deleted with everything it stored', async () => {
    const job = await api.finish(await resize())
    const remove = () => api.request(job.urls.self, { method: 'DELETE' })
    expect((await remove()).status).toBe(204)
    expect(await problemOf(await api.request(job.urls.self))).toMatchObject({
      status: 410,
      code: 'job_deleted',
    })
    expect((await api.request(job.urls.result ?? '')).status).toBe(410)
    expect(
      (await api.store.list('small', { prefix: 'resized/' })).objects.map(({ key }) => key),
    ).not.toContain(`resized/${job.id}.jpg`)
    expect((await remove()).status).toBe(204)
    const unknown = await api.request('/v1/jobs/mosaic-nobody', { method: 'DELETE' })
    expect(unknown.status).toBe(404)
  })

  it('can still be read after its history has expired', async () => {
    const job = await api.finish(await resize({ height: 8 }))
    const later = api.with({ client: forgetfulClient(api) })
    expect(await later.job(job.id)).toMatchObject({ id: job.id, status: 'succeeded', result: job.result })
    expect((await later.request(job.urls.result ?? '')).status).toBe(200)
    expect((await later.request(job.urls.self, { method: 'DELETE' })).status).toBe(204)
    expect((await later.request(job.urls.self)).status).toBe(410)
  })
})

describe('the result', () => {
  let job: Job
  let url: string
  let whole: Uint8Array
  let etag: string
  beforeAll(async () => {
    job = await api.finish(await resize())
    url = job.urls.result ?? ''
    const answer = await api.request(url)
    whole = new Uint8Array(await answer.arrayBuffer())
    etag = answer.headers.get('ETag') ?? ''
    expect(answer.headers.get('Content-Type')).toBe('image/jpeg')
    expect(answer.headers.get('Content-Length')).toBe(String(whole.length))
  })
  const get = async (headers: Record<string, string>, method = 'GET') =>
    await api.request(url, { method, headers })

  it('is the picture that the job tells of', async () => {
    expect(await sharp(whole).metadata()).toMatchObject({ width: 32, height: 24, format: 'jpeg' })
    const sha256 = createHash('sha256').update(whole).digest('hex')
    expect(job.result).toMatchObject({ sha256, bytes: whole.length })
  })

  it('supports ranges', async () => {
    const size = whole.length
    for (const [range, start, end] of [
      ['bytes=0-9', 0, 9],
      ['bytes=10-', 10, size - 1],
      ['bytes=-7', size - 7, size - 1],
      ['bytes=5-999999999', 5, size - 1],
    ] as const) {
      const answer = await get({ Range: range })
      expect(answer.status, range).toBe(206)
      expect(answer.headers.get('Content-Range')).toBe(`bytes ${start}-${end}/${size}`)
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(whole.slice(start, end + 1))
    }
    for (const range of ['bytes=0-1,5-6', 'lines=1-2', 'bytes=9-3', 'bytes=-'])
      expect((await get({ Range: range })).status, range).toBe(200)
    const beyond = await get({ Range: `bytes=${size}-` })
    expect(beyond.headers.get('Content-Range')).toBe(`bytes */${size}`)
    expect(await problemOf(beyond)).toMatchObject({ status: 416, code: 'range_not_satisfiable' })
  })

  it('is complete if the range was for another picture', async () => {
    expect((await get({ Range: 'bytes=0-9', 'If-Range': '"other"' })).status).toBe(200)
    expect((await get({ Range: 'bytes=0-9', 'If-Range': etag })).status).toBe(206)
  })

  it('is not sent again, and not for HEAD', async () => {
    const known = await get({ 'If-None-Match': etag })
    expect([known.status, await known.text()]).toEqual([304, ''])
    const head = await get({}, 'HEAD')
    expect(head.headers.get('Content-Length')).toBe(String(whole.length))
    expect([head.status, await head.text()]).toEqual([200, ''])
  })
})

describe('a mosaic', () => {
  let job: Job & { type: 'mosaic' }
  beforeAll(async () => {
    const images = await Promise.all(Array.from({ length: 24 }, (_, seed) => tilePhoto(seed)))
    const answer = await api.request('/v1/tiles', form({ job: '{"library":"stripes"}', image: images }))
    expect(answer.status).toBe(202)
    const tiles = (await answer.json()) as Job
    const done = await api.request(tiles.urls.self, { headers: { Prefer: 'wait=30' } })
    expect(await done.json()).toMatchObject({
      type: 'tiles',
      status: 'succeeded',
      params: { library: 'stripes', photos: 24 },
      result: { library: 'stripes', added: 24, size: 24, skipped: [] },
    })
    const input = { base64: Buffer.from(await photo(40, 30)).toString('base64') }
    const author = { name: '名前 🎉', handle: '@ada' }
    const options = {
      library: 'stripes',
      cell: 16,
      scale: 4,
      distance: 1,
      cellHeight: 12,
      flips: 'mirror',
      tone: 'bounded',
      cheat: 10,
      author,
    }
    job = (await api.finish({ type: 'mosaic', input, ...options })) as typeof job
  })

  it('has links to its parts', () => {
    const files = `http://localhost/v1/jobs/${job.id}/files`
    expect(job).toMatchObject({
      status: 'succeeded',
      params: {
        library: 'stripes',
        cell: 16,
        scale: 4,
        distance: 1,
        cellHeight: 12,
        flips: 'mirror',
        tone: 'bounded',
        cheat: 10,
        quality: 90,
      },
      progress: { step: 6, steps: 6 },
      result: {
        large: { url: `${files}/large.jpg`, width: 160 },
        small: { url: `${files}/small.jpg` },
        dzi: `${files}/mosaic.dzi`,
        plan: `${files}/plan.json`,
        fidelity: { k1: expect.any(Number), k4: expect.any(Number), ssim: expect.any(Number) },
        usage: { tiles: expect.any(Number), repeats: expect.any(Number) },
        cells: { columns: 10, rows: expect.any(Number) },
      },
    })
  })

  it('serves every part permanently', async () => {
    for (const [name, type] of [
      ['large.jpg', 'image/jpeg'],
      ['small.jpg', 'image/jpeg'],
      ['mosaic.dzi', 'application/xml'],
      ['plan.json', 'application/json'],
      ['mosaic_files/0/0_0.jpg', 'image/jpeg'],
    ] as const) {
      const answer = await api.request(`/v1/jobs/${job.id}/files/${name}`)
      expect(answer.status, name).toBe(200)
      expect(answer.headers.get('Content-Type')).toContain(type)
      expect(answer.headers.get('Cache-Control')).toBe('public, max-age=3600')
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0)
    }
  })

  it('can have deep-zoom tiles rendered on demand, the same as stored ones', async () => {
    const tile = async (id: string, name: string) => {
      const answer = await api.request(`/v1/jobs/${id}/files/mosaic_files/${name}`)
      return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
    }
    const input = { base64: await base64(160, 120) }
    const options = { library: 'stripes', cell: 16, scale: 4, distance: 1, tone: 'bounded' }
    const virtual = await api.finish({ type: 'mosaic', input, ...options, pyramid: 'virtual' })
    const stored = await api.finish({ type: 'mosaic', input, ...options })
    const { objects } = await api.store.list('large', { prefix: `${virtual.id}_files/` })
    expect(objects).toEqual([])
    for (const name of ['0/0_0.jpg', '7/0_0.jpg', '10/1_0.jpg']) {
      const [looked, kept] = [await tile(virtual.id, name), await tile(stored.id, name)]
      expect([name, looked.status, kept.status]).toEqual([name, 200, 200])
      expect(looked.bytes.equals(kept.bytes)).toBe(true)
    }
    expect((await tile(virtual.id, '10/9_9.jpg')).status).toBe(404)
    await api.request(`/v1/jobs/${virtual.id}`, { method: 'DELETE' })
    expect((await tile(virtual.id, '0/0_0.jpg')).status).toBe(404)
  })

  it('can still be read after its history has expired', async () => {
    const { result } = await api.with({ client: forgetfulClient(api) }).job(job.id)
    expect(result).toMatchObject({ large: job.result?.large, small: job.result?.small, dzi: job.result?.dzi })
  })

  it('has its large picture as its result, and the others by name', async () => {
    const large = await api.request(job.urls.result ?? '')
    expect((await large.arrayBuffer()).byteLength).toBe(job.result?.large.bytes)
    const plan = await api.request(`${job.urls.result}?part=plan`)
    expect(await plan.json()).toBeTypeOf('object')
    expect((await api.request(`${job.urls.result}?part=frame`)).status).toBe(422)
  })

  it('is in the gallery until it is deleted', async () => {
    const gallery = async () =>
      (await (await api.request('/v1/gallery?limit=5')).json()) as { data: object[] }
    const entry = {
      id: job.id,
      username: 'ada',
      author: '名前 🎉',
      url_small: expect.stringContaining('/files/small.jpg'),
    }
    expect((await gallery()).data).toContainEqual(expect.objectContaining(entry))
    expect((await api.request(job.urls.self, { method: 'DELETE' })).status).toBe(204)
    expect((await gallery()).data).not.toContainEqual(expect.objectContaining({ id: job.id }))
    expect((await api.request(`/v1/jobs/${job.id}/files/large.jpg`)).status).toBe(404)
    for (const bucket of ['large', 'small'] as const)
      expect((await api.store.list(bucket, { prefix: job.id })).objects).toEqual([])
  })

  it('needs an existing library', async () => {
    const answer = await api.request('/v1/tiles')
    expect(await answer.json()).toEqual({ data: [{ name: 'stripes', tiles: 24 }] })
  })
})

it('logged no errors', () => {
  expect(api.errors).toEqual([])
})
