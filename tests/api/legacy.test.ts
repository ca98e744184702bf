/** PictureResizeApi's contract, to the letter. */
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseApiKey } from '../../adapters/environment/api-keys.ts'
import { type Api, base64, startApi } from './api.ts'

const html = 'text/html; charset=utf-8'
const apology = "Something wrong. We'll try to fix that. Promise"
const wrongSize = 'Value must be greater than 0 and less than 2000 px'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(async () => await api?.stop())

async function ask(body: object) {
  const answer = await api.post('/api/', body)
  return { answer, id: answer.headers.get('identifier') ?? '' }
}

async function finished(id: string) {
  const job = await (await api.request(`/v1/jobs/${id}`, { headers: { Prefer: 'wait=20' } })).json()
  return job as { status: string; params: object; error: { code: string } | null }
}

describe('POST /api/', () => {
  it('returns 201 with the identifier, and GET returns the picture in exactly that size', async () => {
    const { answer, id } = await ask({ image: await base64(64, 48), width: 100, height: 30 })
    expect(answer.status).toBe(201)
    expect(await answer.text()).toBe('{}\n')
    expect(answer.headers.get('Content-Type')).toBe('application/json')
    expect(answer.headers.get('Location')).toBe('http://localhost/api/')
    expect((await finished(id)).status).toBe('succeeded')

    const found = await api.request(`/api/${id}/`)
    expect(found.status).toBe(200)
    const text = await found.text()
    expect(text).toMatch(/^\{"height":30,"identifier":"[^"]+","image":"[A-Za-z0-9+/=]+","width":100\}\n$/)
    const { image, identifier } = JSON.parse(text) as { image: string; identifier: string }
    expect(identifier).toBe(id)
    expect(await sharp(Buffer.from(image, 'base64')).metadata()).toMatchObject({
      ...{ format: 'png', width: 100, height: 30 },
    })
  })

  it('starts an ordinary job, marked with its origin', async () => {
    const { id } = await ask({ image: await base64(), width: 10, height: 10 })
    expect((await finished(id)).params).toMatchObject({ width: 10, fit: 'fill', format: 'png' })
    const { typedSearchAttributes } = await api.client.workflow.getHandle(id).describe()
    expect(typedSearchAttributes.getAll()).toContainEqual(expect.objectContaining({ value: 'legacy' }))
  })

  it.each([
    [2, 1999],
    ['50', ' +6_0 '],
    [50.9, 1999.9],
  ])('takes %j x %j', async (width, height) => {
    const { answer } = await ask({ image: await base64(8, 8), width, height, extra: 'ignored' })
    expect(answer.status).toBe(201)
  })

  it.each([
    [{ width: 1, height: 50 }, `{'width': ['${wrongSize}']}`],
    [{ width: 50, height: 2000 }, `{'height': ['${wrongSize}']}`],
    [{ width: -50, height: 50 }, `{'width': ['${wrongSize}']}`],
    [{ width: 1.9, height: 50 }, `{'width': ['${wrongSize}']}`],
    [{ width: '2001', height: 0 }, `{'width': ['${wrongSize}'], 'height': ['${wrongSize}']}`],
    [{ width: 50 }, `{'height': ['Missing data for required field.']}`],
    [{ width: null, height: 50 }, `{'width': ['Field may not be null.']}`],
    [
      { width: true, height: false },
      `{'width': ['Not a valid integer.'], 'height': ['Not a valid integer.']}`,
    ],
    [
      { width: '12.5', height: [50] },
      `{'width': ['Not a valid integer.'], 'height': ['Not a valid integer.']}`,
    ],
    [{ width: 5, height: 5, image: 7 }, `{'image': ['Not a valid string.']}`],
    [{ width: 5, height: 5, image: null }, `{'image': ['Field may not be null.']}`],
  ])('rejects %j with the old schema’s messages', async (fields, status) => {
    const { answer } = await ask({ image: await base64(8, 8), ...fields })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toBe('{}\n')
    expect(answer.headers.get('status')).toBe(status)
    expect(answer.headers.get('Location')).toBe('http://localhost/api/')
  })

  it.each([
    ['no JSON', '{"image": ', 'application/json'],
    ['nothing', '', 'application/json'],
    ['a list', '[]', 'application/json'],
    ['a number', '5', 'application/json'],
    ['JSON under another name', '{"width": 5, "height": 5, "image": ""}', 'text/plain'],
  ])('promises to fix it when it is sent %s', async (_, body, type) => {
    const answer = await api.post('/api/', body, { 'Content-Type': type })
    expect(answer.status).toBe(500)
    expect(answer.headers.get('Content-Type')).toBe(html)
    expect(await answer.text()).toBe(apology)
  })

  it.each([
    ['no picture', Buffer.from('hello, I am a text').toString('base64'), 'not_an_image'],
    ['an empty string', '', 'empty_input'],
    ['text that is not base64', '§§§', 'empty_input'],
  ])('accepts %s, and the job says what was wrong with it', async (_, image, code) => {
    const { answer, id } = await ask({ image, width: 20, height: 20 })
    expect(answer.status).toBe(201)
    expect(await finished(id)).toMatchObject({ status: 'failed', error: { code } })
    expect((await api.request(`/api/${id}/`)).status).toBe(202)
  })

  it('refuses HEAD', async () => {
    expect((await api.request('/api/', { method: 'HEAD' })).status).toBe(405)
  })

  it('requires API keys like other routes', async () => {
    const guarded = api.with({
      environment: {
        ...api.deps.environment,
        apiKeys: [parseApiKey('0123456789abcdef')!],
        allowAnonymous: false,
      },
    })
    const body = { image: await base64(8, 8), width: 5, height: 5 }
    expect((await guarded.post('/api/', body)).status).toBe(401)
    expect((await guarded.post('/api/', body, { Authorization: 'Bearer 0123456789abcdef' })).status).toBe(201)
  })
})

describe('GET /api/<id>/', () => {
  it.each(['nonsense', '0', 'resize-00000000000000000000000000', '..%2f..'])(
    'does not know %s yet',
    async (id) => {
      const answer = await api.request(`/api/${id}/`)
      expect(answer.status).toBe(202)
      expect(await answer.text()).toBe('{"status":"not found"}\n')
      expect(answer.headers.get('Location')).toMatch(/^http:\/\/localhost\/api\/[^/]+$/)
    },
  )

  it('is redirected to if the slash is missing', async () => {
    const answer = await api.request('/api/abc?x=1')
    expect(answer.status).toBe(308)
    expect(answer.headers.get('Location')).toBe('http://localhost/api/abc/?x=1')
    expect((await api.post('/api', {})).headers.get('Location')).toBe('http://localhost/api/')
  })
})

describe('its pages', () => {
  it.each([['/1', 404]])('%s is HTML with the content type that clients compare', async (path, status) => {
    const answer = await api.request(path, { headers: { Accept: '*/*' } })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('Content-Type')).toBe(html)
  })
})

it('logged no errors', () => expect(api.errors).toEqual([]))
