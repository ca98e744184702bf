/** Malformed forms, uploads, tile requests and URLs: a problem each, never a 500. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, form, picture, problemOf, startApiWithoutWorkers } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApiWithoutWorkers({ MAX_PICTURE_BYTES: '200000', MAX_PICTURE_PIXELS: '1000000' })
})
afterAll(async () => await api?.stop())

const bytes = (text: string) => Buffer.from(text).toString('base64')

type Row = [what: string, body: () => unknown, status: number, code: string, pointer?: string]

describe('POST /v1/jobs with a form', () => {
  const job = JSON.stringify({ type: 'resize', width: 32 })
  it.each<[string, () => Promise<RequestInit>, number, string, string?]>([
    ['no job', async () => form({ image: await picture() }), 422, 'invalid_request', '/job'],
    ['no image and no input', async () => form({ job }), 422, 'invalid_request', '/image'],
    [
      'two images',
      async () => form({ job, image: [await picture(), await picture()] }),
      422,
      'invalid_request',
      '/image',
    ],
    ['an image of text', async () => form({ job, image: 'hello' }), 422, 'invalid_request', '/image'],
    [
      'a job that is not JSON',
      async () => form({ job: '{', image: await picture() }),
      400,
      'invalid_json',
      '/job',
    ],
    [
      'a job with an invalid size',
      async () => form({ job: '{"type":"resize","width":0}', image: await picture() }),
      422,
      'invalid_request',
      '/job/width',
    ],
    [
      'an input in addition to the image',
      async () =>
        form({
          job: '{"type":"resize","width":9,"input":{"url":"http://a.example"}}',
          image: await picture(),
        }),
      422,
      'invalid_request',
      '/job/input',
    ],
    [
      'an unknown part',
      async () => form({ job, image: await picture(), width: '3' }),
      422,
      'invalid_request',
      '/width',
    ],
    ['an empty image', async () => form({ job, image: new Uint8Array() }), 422, 'empty_input', '/image'],
    [
      'an image that is not a picture',
      async () => form({ job, image: Buffer.from('hello') }),
      422,
      'not_an_image',
      '/image',
    ],
  ])('refuses %s', async (_, init, status, code, pointer) => {
    const problem = await problemOf(await api.request('/v1/jobs', await init()))
    expect(problem, JSON.stringify(problem)).toMatchObject({ status, code })
    if (pointer !== undefined) expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
  })

  it('rejects a body that is not a form', async () => {
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' }
    const answer = await api.request('/v1/jobs', { method: 'POST', headers, body: 'nothing of the kind' })
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'invalid_form' })
  })
})

describe('POST /v1/uploads', () => {
  const uploads = async () => (await api.store.list('in', { prefix: 'uploads/' })).objects
  it.each<[string, () => Promise<Uint8Array>, number, string]>([
    ['no bytes', async () => new Uint8Array(), 422, 'empty_input'],
    ['text', async () => Buffer.from('I am a text'), 422, 'not_an_image'],
    ['too many bytes', async () => new Uint8Array(200_001), 413, 'image_too_large'],
    ['too many pixels', async () => await picture(1001, 1000, 'png'), 422, 'too_many_pixels'],
  ])('refuses %s, and stores nothing', async (_, body, status, code) => {
    const before = await uploads()
    const answer = await api.request('/v1/uploads', { method: 'POST', body: new Uint8Array(await body()) })
    expect(await problemOf(answer)).toMatchObject({ status, code })
    expect(await uploads()).toEqual(before)
  })

  it('refuses a form', async () => {
    const answer = await api.request('/v1/uploads', form({ image: await picture() }))
    expect(await problemOf(answer)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  })
})

describe('POST /v1/tiles', () => {
  it.each<Row>([
    ['no library', () => ({ sources: [{ url: 'http://a.example/' }] }), 422, 'invalid_request', '/library'],
    [
      'a library name that is a path',
      () => ({ library: 'a/b', sources: [{ url: 'http://a.example/' }] }),
      422,
      'invalid_request',
      '/library',
    ],
    ['no photos', () => ({ library: 'a', sources: [] }), 422, 'invalid_request', '/sources'],
    [
      '1,001 photos',
      () => ({ library: 'a', sources: Array(1001).fill({ url: 'http://a.example/' }) }),
      422,
      'invalid_request',
      '/sources',
    ],
    [
      'a photo with an invalid URL',
      () => ({ library: 'a', sources: [{ url: 'http://a.example/' }, { url: 'ftp://a' }] }),
      422,
      'invalid_url',
      '/sources/1/url',
    ],
    [
      'a photo that is not a picture',
      () => ({ library: 'a', sources: [{ base64: bytes('hello') }] }),
      422,
      'not_an_image',
      '/sources/0/base64',
    ],
  ])('refuses %s', async (_, body, status, code, pointer) => {
    const problem = await problemOf(await api.post('/v1/tiles', body()))
    expect(problem).toMatchObject({ status, code })
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
  })
})

describe('GET', () => {
  it.each([
    ['/v1/jobs/nonsense', 404, 'job_not_found'],
    ['/v1/jobs/mosaic-..%2f..%2fetc', 404, 'job_not_found'],
    ['/v1/jobs/mosaic-00000000000000000000000000', 404, 'job_not_found'],
    ['/v1/jobs/mosaic-%00', 404, 'job_not_found'],
    ['/v1/jobs/%E0%A4%A', 404, 'job_not_found'],
    [`/v1/jobs/mosaic-${'a'.repeat(5000)}`, 404, 'job_not_found'],
    ['/v1/jobs/nonsense/result', 404, 'job_not_found'],
    ['/v1/jobs/nonsense/events', 404, 'job_not_found'],
    ['/v1/jobs/nonsense/files/large.jpg', 404, 'job_not_found'],
    ['/v1/jobs/mosaic-a/files/..%2f..%2fsecret', 404, 'file_not_found'],
    ['/v1/jobs/mosaic-a/files/mosaic_files/1/../../x.jpg', 404, 'file_not_found'],
    ['/v1/jobs/mosaic-a/files/large.jpg', 404, 'file_not_found'],
    ['/v1/jobs?limit=0', 422, 'invalid_request'],
    ['/v1/jobs?limit=101', 422, 'invalid_request'],
    ['/v1/jobs?limit=many', 422, 'invalid_request'],
    ['/v1/jobs?limit=1&limit=2', 422, 'invalid_request'],
    ['/v1/jobs?type=puzzle', 422, 'invalid_request'],
    ["/v1/jobs?status=' OR 1=1", 422, 'invalid_request'],
    ['/v1/jobs?colour=red', 422, 'invalid_request'],
    ['/v1/jobs?after=nonsense', 422, 'invalid_request'],
    ['/v1/gallery?limit=1000', 422, 'invalid_request'],
    ['/v1/gallery?after=nonsense', 422, 'invalid_request'],
    ['/v1/nothing', 404, 'not_found'],
    ['/v1/uploads', 405, 'method_not_allowed'],
  ])('%s is answered with %i %s', async (path, status, code) => {
    const answer = await api.request(path)
    expect(await problemOf(answer)).toMatchObject({ status, code })
  })

  it('lists the methods that a path supports', async () => {
    const answer = await api.request('/v1/jobs', { method: 'PUT' })
    expect(await problemOf(answer)).toMatchObject({ status: 405, code: 'method_not_allowed' })
    expect(answer.headers.get('Allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST'])
  })
})

it('logged no errors', () => {
  expect(api.errors).toEqual([])
})
