/** Bad input gets a problem that explains it, and never a 500. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, base64, picture, problemOf, startApiWithoutWorkers } from './api.ts'

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
      'a webhook without a signing secret',
      () => resize({ webhook: 'http://a.example' }),
      422,
      'webhooks_off',
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
    ['a detail of 101', () => mosaic({ layout: 'quadtree', detail: 101 }), 422, 'invalid_request', '/detail'],
    ['a detail without a quadtree', () => mosaic({ detail: 20 }), 422, 'invalid_request', '/detail'],
    ['an unknown layout', () => mosaic({ layout: 'collage' }), 422, 'invalid_request', '/layout'],
    ['a background in words', () => mosaic({ background: 'red' }), 422, 'invalid_request', '/background'],
    ['a mask in words', () => mosaic({ mask: 'beta' }), 422, 'invalid_request', '/mask'],
    ['a mask with cheat', () => mosaic({ mask: 'alpha', cheat: 20 }), 422, 'invalid_request', '/cheat'],
    [
      'a mask that was not uploaded',
      () => mosaic({ mask: { upload: 'a'.repeat(64) } }),
      422,
      'upload_not_found',
      '/mask/upload',
    ],
    [
      'a mask that is not a picture',
      () => mosaic({ mask: { base64: bytes('no picture') } }),
      422,
      'not_an_image',
      '/mask/base64',
    ],
    ['a scale of 0', () => mosaic({ scale: 0 }), 422, 'invalid_request', '/scale'],
    ['a scale of 41', () => mosaic({ scale: 41 }), 422, 'invalid_request', '/scale'],
    ['a distance of -1', () => mosaic({ distance: -1 }), 422, 'invalid_request', '/distance'],
    ['a library by a path', () => mosaic({ library: '../secrets' }), 422, 'invalid_request', '/library'],
    ['a library in capitals', () => mosaic({ library: 'Starter' }), 422, 'invalid_request', '/library'],
    ['an unknown library', () => mosaic({ library: 'holiday' }), 422, 'library_not_found', '/library'],
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
      'an upload ID that is not a hash',
      () => mosaic({ input: { upload: '../x' } }),
      422,
      'invalid_request',
      '/input/upload',
    ],
    [
      'an unknown upload',
      () => mosaic({ input: { upload: 'a'.repeat(64) } }),
      422,
      'upload_not_found',
      '/input/upload',
    ],
    [
      'base64 with an invalid character',
      () => mosaic({ input: { base64: `${small.slice(0, 40)}*${small.slice(41)}` } }),
      422,
      'invalid_base64',
      '/input/base64',
    ],
    [
      'truncated base64',
      () => mosaic({ input: { base64: 'AAAAA' } }),
      422,
      'invalid_base64',
      '/input/base64',
    ],
    [
      'base64 with padding in the middle',
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
      'a picture truncated in its header',
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

  it('rejects pictures with too many pixels or bytes', async () => {
    const large = await picture(2000, 1000)
    const answer = await api.post('/v1/jobs', mosaic({ input: { base64: large.toString('base64') } }))
    expect(await problemOf(answer)).toMatchObject({ status: 422, code: 'too_many_pixels' })

    const heavy = Buffer.concat([await picture(), Buffer.alloc(200_000)]).toString('base64')
    const refused = await api.post('/v1/jobs', mosaic({ input: { base64: heavy } }))
    expect(await problemOf(refused)).toMatchObject({ status: 413, code: 'image_too_large' })
  })

  it('rejects a mosaic with more cells than a worker can hold, and names a possible scale', async () => {
    const input = { base64: await base64(240, 240, 'png') }
    const answer = await api.post('/v1/jobs', mosaic({ input, cell: 8, scale: 40 }))
    const problem = await problemOf(answer)
    expect(problem).toMatchObject({ status: 422, code: 'output_too_large', errors: [{ pointer: '/scale' }] })
    expect(problem.detail).toContain('a scale of at most 33.3')
  })

  it('rejects a global search that the library is too small for, at the option that requested it', async () => {
    const input = { base64: await base64(640, 480) }
    const answer = await api.post('/v1/jobs', mosaic({ input, search: 'global' }))
    expect(await problemOf(answer)).toMatchObject({
      status: 422,
      code: 'library_too_small',
      errors: [{ pointer: '/search' }],
    })
  })

  it('rejects a distance that the library is too small for, and names the number of tiles needed', async () => {
    const answer = await api.post(
      '/v1/jobs',
      mosaic({ input: { base64: await base64(640, 480) }, distance: 60 }),
    )
    const problem = await problemOf(answer)
    expect(problem).toMatchObject({
      status: 422,
      code: 'library_too_small',
      errors: [{ pointer: '/distance' }],
    })
    expect(problem.detail).toContain('at least 3721 tiles')
  })

  it('rejects a mosaic larger than a JPEG can be, and names a possible scale', async () => {
    const wide = await base64(4000, 20, 'png')
    const answer = await api.post('/v1/jobs', mosaic({ input: { base64: wide }, scale: 40 }))
    const problem = await problemOf(answer)
    expect(problem).toMatchObject({ status: 422, code: 'output_too_large', errors: [{ pointer: '/scale' }] })
    expect(problem.detail).toContain('a scale of at most 16.3')
  })

  it('reports the position of an error in base64, and what came instead of a number', async () => {
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
  it('is rejected by its Content-Length, or by its bytes without one', async () => {
    const tight = api.with({
      environment: { ...api.deps.environment, limits: { ...api.deps.environment.limits, bodyBytes: 1000 } },
    })
    const body = JSON.stringify(resize({ metadata: { a: 'x'.repeat(500), b: 'x'.repeat(500) } }))
    const told = await tight.post('/v1/jobs', body, { 'Content-Length': String(body.length) })
    expect(await problemOf(told)).toMatchObject({ status: 413, code: 'body_too_large' })

    // An endless body: a response proves that it was not read to the end.
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

it('logged no errors', () => {
  expect(api.errors).toEqual([])
})
