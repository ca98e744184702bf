/** Resizes over HTTP: what the service adds to the engine's options. */
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import * as layout from '../../adapters/object-store/layout.ts'
import { readPresets } from '../../cli/resize-presets.ts'
import { formats } from '../../engine/resize/options.ts'
import { type Api, base64, picture, problemOf, startApi } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(async () => await api?.stop())

const resize = async (options: object, format: 'jpeg' | 'png' | 'webp' | 'gif' = 'jpeg') => {
  const job = await api.finish({
    type: 'resize',
    input: { base64: await base64(64, 48, format) },
    ...options,
  })
  if (job.type !== 'resize' || !job.result)
    throw new Error(`expected a result, got ${JSON.stringify(job.error)}`)
  return { job, result: job.result }
}
const bytesAt = async (url: string) =>
  Buffer.from(await (await api.request(new URL(url).pathname)).arrayBuffer())

it('is found in every format of the engine', () => {
  const keys = layout.resizedInAnyFormat('resize-1').map(({ key }) => key)
  expect(keys.sort()).toEqual(formats.map((format) => layout.resized('resize-1', format).key).sort())
})

it('accepts every option of the engine', async () => {
  const options = {
    ...{ width: 40, height: 40, fit: 'contain', gravity: 'north', dpr: 2, background: '#ff0' },
    ...{
      rotate: 90,
      flip: 'both',
      trim: { threshold: 1 },
      blur: 1,
      sharpen: 1.5,
      grayscale: false,
      tint: '#fff',
    },
    ...{ radius: 'max', format: 'webp', quality: 70, lossless: false, effort: 3, exif: 'keep' },
    watermark: { text: 'mine', opacity: 0.3 },
  }
  const { job, result } = await resize(options)
  expect(job.params).toMatchObject(options)
  expect(result).toMatchObject({ width: 80, height: 80, format: 'webp' })
})

it('watermarks with a picture of its own', async () => {
  const mark = {
    image: { base64: await base64(8, 8, 'png') },
    gravity: 'northwest',
    size: 0.5,
    margin: 0,
    opacity: 1,
  }
  const white = (
    await sharp({ create: { width: 64, height: 48, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
  ).toString('base64')
  const job = await api.finish({
    type: 'resize',
    input: { base64: white },
    width: 64,
    format: 'png',
    watermark: mark,
  })
  const bytes = await bytesAt(job.urls.result!)
  const [r, g] = await sharp(bytes).extract({ left: 2, top: 2, width: 1, height: 1 }).raw().toBuffer()
  expect([r, g]).toEqual([0xcc, 0x33])
})

it('is fetched and deleted without reading the folder of all results', async () => {
  const { job, result } = await resize({ width: 16, format: 'gif' })
  const list = vi.spyOn(api.store, 'list')
  expect((await bytesAt(job.urls.result!)).length).toBe(result.bytes)
  expect((await api.request(`/v1/jobs/${job.id}`, { method: 'DELETE' })).status).toBe(204)
  // A trailing slash: a folder that belongs to this job only.
  for (const [, listing] of list.mock.calls) expect(listing?.prefix).toMatch(new RegExp(`${job.id}.*/$`))
  const { bucket, key } = layout.resized(job.id, 'gif')
  expect(await api.store.head(bucket, key)).toBeUndefined()
})

describe('several outputs', () => {
  it('are files of the job, and the first is the result', async () => {
    const outputs = [
      { name: 'small', width: 16 },
      { name: 'large', width: 48, format: 'avif' },
    ]
    const { job, result } = await resize({ outputs, format: 'webp' })
    expect(result).toMatchObject({ width: 16, format: 'webp' })
    expect(result.outputs?.map(({ name, width, format }) => [name, width, format])).toEqual([
      ['small', 16, 'webp'],
      ['large', 48, 'avif'],
    ])
    for (const { url, width, bytes } of result.outputs!) {
      const file = await bytesAt(url)
      expect([file.length, (await sharp(file).metadata()).width]).toEqual([bytes, width])
    }
    expect(await bytesAt(job.urls.result!)).toEqual(await bytesAt(result.outputs![0]!.url))
    // Private if there are keys: not for shared caches.
    const file = await api.request(new URL(result.outputs![0]!.url).pathname)
    expect(file.headers.get('Cache-Control')).toBe('private, no-cache')
  })

  it('are deleted with the job', async () => {
    const { job, result } = await resize({ outputs: [{ name: 'one', width: 16 }] })
    await api.request(`/v1/jobs/${job.id}`, { method: 'DELETE' })
    const file = await api.request(new URL(result.outputs![0]!.url).pathname)
    expect(file.status).toBe(404)
    expect((await api.store.list('small', { prefix: `resized/${job.id}` })).objects).toEqual([])
  })
})

describe('auto', () => {
  it.each([
    ['image/avif,image/webp,*/*', 'avif'],
    ['image/webp,*/*;q=0.8', 'webp'],
    ['image/avif;q=0, image/webp', 'webp'],
    ['*/*', 'jpeg'],
  ])('chooses what %s names', async (Accept, format) => {
    const body = { type: 'resize', input: { base64: await base64() }, width: 8, format: 'auto' }
    const answer = await api.post('/v1/jobs', body, { Accept, Prefer: 'wait=20' })
    expect(((await answer.json()) as { result: object }).result).toMatchObject({ format })
  })

  it('keeps transparency without a newer format, and an animation its format', async () => {
    expect((await resize({ width: 8, format: 'auto' }, 'png')).result.format).toBe('png')
    expect((await resize({ width: 8 }, 'gif')).result.format).toBe('gif')
  })
})

describe('presets', () => {
  const presets = readPresets({
    thumb: { width: 20, height: 20, fit: 'cover', format: 'webp' },
    soft: { blur: 2 },
  })

  it('are named options, which explicit ones override', async () => {
    const configured = api.with({ presets })
    const job = await configured.finish({
      ...{ type: 'resize', input: { base64: await base64() }, preset: 'thumb', height: 10 },
    })
    expect(job.result).toMatchObject({ width: 20, height: 10, format: 'webp' })
  })

  it.each([
    [{ preset: 'nobody' }, '/preset', /no/],
    [{ preset: 'soft' }, '/width', /width/],
    [{ preset: 'toString', width: 5 }, '/preset', /toString/],
  ])('refuses %j', async (options, pointer, detail) => {
    const body = { type: 'resize', input: { base64: await base64() }, ...options }
    const problem = await problemOf(await api.with({ presets }).post('/v1/jobs', body))
    expect(problem).toMatchObject({
      status: 422,
      errors: [{ pointer, detail: expect.stringMatching(detail) }],
    })
  })

  it('are validated at startup', () => {
    expect(() => readPresets({ thumb: { width: 'wide' } })).toThrow(/thumb\.width/)
    expect(() => readPresets({ thumb: { widht: 5 } })).toThrow(/RESIZE_PRESETS/)
  })
})

it.each([
  [{ width: 5, gravity: 'up' }, '/gravity'],
  [{ width: 5, background: 'sky-ish' }, '/background'],
  [{ width: 5, watermark: {} }, '/watermark'],
  [{ width: 5, watermark: { text: 'x', image: { upload: 'y' } } }, '/watermark/image/upload'],
  [{ outputs: [{ name: 'a' }] }, '/width'],
  [{ outputs: [{ name: '../a', width: 4 }] }, '/outputs/0/name'],
  [{ width: 5, focus: { x: 2, y: 0 } }, '/focus/x'],
])('refuses %j and says where', async (options, pointer) => {
  const body = { type: 'resize', input: { base64: await base64() }, ...options }
  const problem = await problemOf(await api.post('/v1/jobs', body))
  expect(problem.status).toBe(422)
  expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
})

it('stops a heavy resize within seconds when it is canceled', async () => {
  const large = (await picture(3000, 2000, 'png')).toString('base64')
  const noise = {
    type: 'resize',
    input: { base64: large },
    width: 6000,
    height: 4000,
    fit: 'fill',
    format: 'avif',
    effort: 10,
  }
  const started = (await (await api.post('/v1/jobs', noise)).json()) as { id: string }
  for (let stage = ''; stage !== 'resize'; ) stage = (await api.job(started.id)).progress.stage
  await api.request(`/v1/jobs/${started.id}/cancel`, { method: 'POST' })
  const over = await api.request(`/v1/jobs/${started.id}`, { headers: { Prefer: 'wait=20' } })
  expect(await over.json()).toMatchObject({ status: 'canceled' })
})

it('stores results with their content type', async () => {
  const { job } = await resize({ width: 8, format: 'tiff' })
  const { objects } = await api.store.list('small', { prefix: `resized/${job.id}` })
  expect(objects.map(({ key }) => key)).toEqual([`resized/${job.id}.tiff`])
  const { body, contentType } = await api.store.get('small', objects[0]!.key)
  expect([contentType, (await sharp(await buffer(body)).metadata()).format]).toEqual(['image/tiff', 'tiff'])
})
