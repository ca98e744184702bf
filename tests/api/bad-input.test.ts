/** Whatever strangers send is answered with a problem that says what was wrong, and is never a 500. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, base64, form, picture, problemOf, startApiWithoutWorkers } from './api.ts'

let api: Api
let small: string
beforeAll(async () => {
  api = await startApiWithoutWorkers({ MAX_PICTURE_BYTES: '200000', MAX_PICTURE_PIXELS: '1000000' })
  small = await base64()
})
afterAll(async () => await api?.stop())

const resize = (more: object = {}) => ({ type: 'resize', width: 32, input: { base64: small }, ...more })
const mosaic = (more: object = {}) => ({ type: 'mosaic', input: { base64: small }, ...more })
const bytes = (text: string) => Buffer.from(text).toString('base64')

type Row = [what: string, body: () => unknown, status: number, code: string, pointer?: string]

describe('POST /v1/jobs with JSON', () => {
  it.each<Row>([
    ['no JSON', () => '{"type": ', 400, 'invalid_json'],
    ['an empty body', () => '', 400, 'invalid_json'],
    ['null', () => null, 422, 'invalid_request', ''],
    ['a list', () => [], 422, 'invalid_request', ''],
    ['a number', () => 7, 422, 'invalid_request', ''],
    ['no type', () => ({ input: { base64: small } }), 422, 'invalid_request', '/type'],
    ['an unknown type', () => resize({ type: 'puzzle' }), 422, 'invalid_request', '/type'],
    ['no input', () => ({ type: 'mosaic' }), 422, 'invalid_request', '/input'],
    ['an empty input', () => mosaic({ input: {} }), 422, 'invalid_request', '/input'],
    [
      'two inputs',
      () => mosaic({ input: { base64: small, url: 'http://a.example/' } }),
      422,
      'invalid_request',
      '/input',
    ],
    [
      'an unknown kind of input',
      () => mosaic({ input: { file: 'a' } }),
      422,
      'invalid_request',
      '/input/file',
    ],
    ['an unknown option', () => mosaic({ tiles: 7 }), 422, 'invalid_request', '/tiles'],
    ['an option with a slash in its name', () => mosaic({ 'a/b~c': 7 }), 422, 'invalid_request', '/a~1b~0c'],
    ['the option of the other type', () => resize({ cell: 32 }), 422, 'invalid_request', '/cell'],
    [
      'a webhook, which there is not yet',
      () => resize({ webhook: 'http://a.example' }),
      422,
      'invalid_request',
      '/webhook',
    ],
    ['no size', () => resize({ width: undefined }), 422, 'invalid_request', '/width'],
    ['a width of 0', () => resize({ width: 0 }), 422, 'invalid_request', '/width'],
    ['a width of 1e99', () => resize({ width: 1e99 }), 422, 'invalid_request', '/width'],
    ['a negative width', () => resize({ width: -1 }), 422, 'invalid_request', '/width'],
    ['half a pixel', () => resize({ width: 1.5 }), 422, 'invalid_request', '/width'],
    ['a width in words', () => resize({ width: '640' }), 422, 'invalid_request', '/width'],
    ['a height of 8193', () => resize({ height: 8193 }), 422, 'invalid_request', '/height'],
    ['an unknown fit', () => resize({ fit: 'stretch' }), 422, 'invalid_request', '/fit'],
    ['an unknown format', () => resize({ format: 'bmp' }), 422, 'invalid_request', '/format'],
    ['a quality of 101', () => resize({ quality: 101 }), 422, 'invalid_request', '/quality'],
    ['a cell of 7', () => mosaic({ cell: 7 }), 422, 'invalid_request', '/cell'],
    ['a cell of 1e99', () => mosaic({ cell: 1e99 }), 422, 'invalid_request', '/cell'],
    ['a scale of 0', () => mosaic({ scale: 0 }), 422, 'invalid_request', '/scale'],
    ['a scale of 41', () => mosaic({ scale: 41 }), 422, 'invalid_request', '/scale'],
    ['a distance of -1', () => mosaic({ distance: -1 }), 422, 'invalid_request', '/distance'],
    ['a library by a path', () => mosaic({ library: '../secrets' }), 422, 'invalid_request', '/library'],
    ['a library in capitals', () => mosaic({ library: 'Starter' }), 422, 'invalid_request', '/library'],
    [
      'a library that nobody made',
      () => mosaic({ library: 'holiday' }),
      422,
      'library_not_found',
      '/library',
    ],
    [
      '17 pairs of metadata',
      () => mosaic({ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i, 'x'])) }),
      422,
      'invalid_request',
      '/metadata',
    ],
    ['a number as metadata', () => mosaic({ metadata: { a: 1 } }), 422, 'invalid_request', '/metadata/a'],
    [
      'a handle with a space',
      () => mosaic({ author: { handle: 'a b' } }),
      422,
      'invalid_request',
      '/author/handle',
    ],
    ['no URL', () => mosaic({ input: { url: 'not a url' } }), 422, 'invalid_url', '/input/url'],
    ['an empty URL', () => mosaic({ input: { url: '' } }), 422, 'invalid_request', '/input/url'],
    ['a file URL', () => mosaic({ input: { url: 'file:///etc/passwd' } }), 422, 'invalid_url', '/input/url'],
    [
      'a URL with a password',
      () => mosaic({ input: { url: 'http://u:p@a.example/' } }),
      422,
      'invalid_url',
      '/input/url',
    ],
    [
      'a URL of 3,000 characters',
      () => mosaic({ input: { url: `http://a.example/${'a'.repeat(3000)}` } }),
      422,
      'invalid_request',
      '/input/url',
    ],
    [
      'an upload that is no hash',
      () => mosaic({ input: { upload: '../x' } }),
      422,
      'invalid_request',
      '/input/upload',
    ],
    [
      'an upload that nobody made',
      () => mosaic({ input: { upload: 'a'.repeat(64) } }),
      422,
      'upload_not_found',
      '/input/upload',
    ],
    [
      'base64 with a stranger in it',
      () => mosaic({ input: { base64: `${small.slice(0, 40)}*${small.slice(41)}` } }),
      422,
      'invalid_base64',
      '/input/base64',
    ],
    [
      'base64 that breaks off',
      () => mosaic({ input: { base64: 'AAAAA' } }),
      422,
      'invalid_base64',
      '/input/base64',
    ],
    [
      'base64 with its end in the middle',
      () => mosaic({ input: { base64: 'AA==AAAA' } }),
      422,
      'invalid_base64',
      '/input/base64',
    ],
    ['a number as base64', () => mosaic({ input: { base64: 12 } }), 422, 'invalid_request', '/input/base64'],
    ['no bytes', () => mosaic({ input: { base64: '' } }), 422, 'empty_input', '/input/base64'],
    [
      'a text',
      () => mosaic({ input: { base64: bytes('hello, I am a text') } }),
      422,
      'not_an_image',
      '/input/base64',
    ],
    [
      'a PDF',
      () => mosaic({ input: { base64: bytes('%PDF-1.7 and so on') } }),
      422,
      'unsupported_format',
      '/input/base64',
    ],
    [
      'a picture cut short in its head',
      () => mosaic({ input: { base64: small.slice(0, 40) } }),
      422,
      'image_truncated',
      '/input/base64',
    ],
  ])('refuses %s', async (_, body, status, code, pointer) => {
    const answer = await api.post('/v1/jobs', body())
    const problem = await problemOf(answer)
    expect({ status: answer.status, code: problem.code }, JSON.stringify(problem)).toEqual({ status, code })
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    expect(problem).toMatchObject({ status, type: `/docs/problems#${code}`, title: expect.any(String) })
    expect(problem.detail.length).toBeGreaterThan(10)
    if (pointer !== undefined) expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
  })

  it('refuses pictures of too many pixels or bytes', async () => {
    const large = await picture(2000, 1000)
    const answer = await api.post('/v1/jobs', mosaic({ input: { base64: large.toString('base64') } }))
    expect(await problemOf(answer)).toMatchObject({ status: 422, code: 'too_many_pixels' })

    const heavy = Buffer.concat([await picture(), Buffer.alloc(200_000)]).toString('base64')
    const refused = await api.post('/v1/jobs', mosaic({ input: { base64: heavy } }))
    expect(await problemOf(refused)).toMatchObject({ status: 413, code: 'image_too_large' })
  })

  it('refuses a mosaic larger than a JPEG can be, and says which scale fits', async () => {
    const wide = await base64(4000, 20, 'png')
    const answer = await api.post('/v1/jobs', mosaic({ input: { base64: wide }, scale: 40 }))
    const problem = await problemOf(answer)
    expect(problem).toMatchObject({ status: 422, code: 'output_too_large', errors: [{ pointer: '/scale' }] })
    expect(problem.detail).toContain('A scale of 16.3 fits')
  })

  it('names the place of what is wrong in base64, and what came instead of a number', async () => {
    const wrong = await problemOf(await api.post('/v1/jobs', mosaic({ input: { base64: 'AAAA*AAA' } })))
    expect(wrong.detail).toContain('"*" at position 4')
    const large = await problemOf(await api.post('/v1/jobs', resize({ width: 1e99, fit: 'x' })))
    expect(large.errors).toHaveLength(2)
    expect(large.detail).toContain('received 1e+99')
  })

  it.each([
    ['text/plain', 415, 'unsupported_media_type'],
    ['application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['', 415, 'unsupported_media_type'],
  ])('refuses a body of type %j', async (type, status, code) => {
    const answer = await api.request('/v1/jobs', {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: JSON.stringify(resize()),
    })
    expect(await problemOf(answer)).toMatchObject({ status, code })
  })

  it('refuses a POST without a body', async () => {
    const answer = await api.request('/v1/jobs', { method: 'POST' })
    expect(await problemOf(answer)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  })

  it.each([
    ['Prefer', 'wait=soon'],
    ['Prefer', 'wait=-1'],
    ['Prefer', 'wait'],
    ['Idempotency-Key', ''],
    ['Idempotency-Key', 'a'.repeat(256)],
  ])('refuses the header %s: %s', async (name, value) => {
    const answer = await api.post('/v1/jobs', resize(), { [name]: value })
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'invalid_header' })
  })
})

describe('a body beyond the limit', () => {
  it('is refused by its length, and by its bytes when it tells none', async () => {
    const tight = api.with({
      environment: { ...api.deps.environment, limits: { ...api.deps.environment.limits, bodyBytes: 1000 } },
    })
    const body = JSON.stringify(resize({ metadata: { a: 'x'.repeat(500), b: 'x'.repeat(500) } }))
    const told = await tight.post('/v1/jobs', body, { 'Content-Length': String(body.length) })
    expect(await problemOf(told)).toMatchObject({ status: 413, code: 'body_too_large' })

    // An endless body: an answer proves that it was not read to its end.
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 400
        controller.enqueue(new Uint8Array(400).fill(0x20))
      },
    })
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: endless,
      duplex: 'half',
    }
    const streamed = await tight.request('/v1/jobs', init as RequestInit)
    expect(await problemOf(streamed)).toMatchObject({ status: 413, code: 'body_too_large' })
    expect(sent).toBeLessThan(4000)
  })
})

describe('POST /v1/jobs with a form', () => {
  const job = JSON.stringify({ type: 'resize', width: 32 })
  it.each<[string, () => Promise<RequestInit>, number, string, string?]>([
    ['no job', async () => form({ image: await picture() }), 422, 'invalid_request', '/job'],
    ['no image and no input', async () => form({ job }), 422, 'invalid_request', '/job/input'],
    [
      'two images',
      async () => form({ job, image: [await picture(), await picture()] }),
      422,
      'invalid_request',
      '/image',
    ],
    ['an image of text', async () => form({ job, image: 'hello' }), 422, 'invalid_request', '/image'],
    [
      'a job that is no JSON',
      async () => form({ job: '{', image: await picture() }),
      400,
      'invalid_json',
      '/job',
    ],
    [
      'a job with a wrong size',
      async () => form({ job: '{"type":"resize","width":0}', image: await picture() }),
      422,
      'invalid_request',
      '/job/width',
    ],
    [
      'an input beside the image',
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
      'a part that is not known',
      async () => form({ job, image: await picture(), width: '3' }),
      422,
      'invalid_request',
      '/width',
    ],
    [
      'an image of no bytes',
      async () => form({ job, image: new Uint8Array() }),
      422,
      'empty_input',
      '/image',
    ],
    [
      'an image that is none',
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

  it('refuses a form that is none', async () => {
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
      'a library by a path',
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
      'a photo with a wrong address',
      () => ({ library: 'a', sources: [{ url: 'http://a.example/' }, { url: 'ftp://a' }] }),
      422,
      'invalid_url',
      '/sources/1/url',
    ],
    [
      'a photo that is none',
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

  it('tells the methods that an address knows', async () => {
    const answer = await api.request('/v1/jobs', { method: 'PUT' })
    expect(await problemOf(answer)).toMatchObject({ status: 405, code: 'method_not_allowed' })
    expect(answer.headers.get('Allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST'])
  })
})

it('logged no error over all of this', () => {
  expect(api.errors).toEqual([])
})
