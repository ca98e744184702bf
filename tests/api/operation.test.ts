/** For operators: keys, health, metrics, documentation, and failures of dependencies. */
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseApiKey } from '../../adapters/environment/api-keys.ts'
import { GalleryCacheError } from '../../adapters/gallery-cache/gallery-cache-error.ts'
import { ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import { type Api, base64, problemOf, startApi } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(async () => await api?.stop())

describe('API keys', () => {
  const keys = ['right-key-of-this-suite', 'other-key-of-this-suite'].map((key) => parseApiKey(key)!)
  const keyed = (allowAnonymous = false) =>
    api.with({
      environment: { ...api.deps.environment, apiKeys: keys, allowAnonymous },
    })
  const asked = async (path: string, authorization?: string, anonymous?: boolean) => {
    const headers: Record<string, string> =
      authorization === undefined ? {} : { Authorization: authorization }
    return await keyed(anonymous).request(path, { headers })
  }

  it.each([
    ['none', undefined, 'Bearer realm="mosaicme"'],
    ['a wrong one', 'Bearer wrong', 'Bearer realm="mosaicme", error="invalid_token"'],
    ['another scheme', 'Basic cmlnaHQta2V5', 'Bearer realm="mosaicme", error="invalid_request"'],
  ])('reject %s', async (_, authorization, challenge) => {
    const answer = await asked('/v1/jobs', authorization)
    expect(await problemOf(answer)).toMatchObject({ status: 401, code: 'unauthorized' })
    expect(answer.headers.get('WWW-Authenticate')).toBe(challenge)
  })

  it('admit callers with one, and everybody to pictures, gallery and documentation', async () => {
    expect((await asked('/v1/jobs', 'Bearer right-key-of-this-suite')).status).toBe(200)
    expect((await asked('/v1/jobs', 'bearer other-key-of-this-suite')).status).toBe(200)
    for (const path of ['/v1/gallery', '/docs', '/openapi.json', '/healthz'])
      expect((await asked(path)).status, path).toBe(200)
    expect((await asked('/v1/jobs/mosaic-a/files/large.jpg')).status).toBe(404)
    expect((await asked('/v1/jobs/mosaic-a')).status).toBe(401)
  })

  it('are optional if anonymous callers are allowed, but a wrong one is rejected', async () => {
    expect((await asked('/v1/jobs', undefined, true)).status).toBe(200)
    expect((await asked('/v1/jobs', 'Bearer wrong', true)).status).toBe(401)
  })
})

describe("another site's page", () => {
  const post = (headers: Record<string, string>) =>
    api.post('/v1/jobs', { type: 'mosaic' }, { Host: 'localhost:3000', ...headers })

  it.each([
    [{ Origin: 'https://evil.example' }, 403],
    [{ Origin: 'null' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ Origin: 'http://localhost:3000', 'Sec-Fetch-Site': 'same-origin' }, 422],
    [{}, 422],
  ])('%j is answered with %i', async (headers, status) => {
    expect((await post(headers as Record<string, string>)).status).toBe(status)
  })
})

describe('when something is down', () => {
  const resize = async () => ({ type: 'resize', width: 9, input: { base64: await base64() } })

  it('Temporal: 503 with Retry-After', async () => {
    const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) })
    const down = api.with({ client })
    for (const answer of await Promise.all([
      down.post('/v1/jobs', await resize()),
      down.request('/v1/jobs/mosaic-a'),
      down.request('/v1/jobs'),
    ])) {
      expect(await problemOf(answer)).toMatchObject({ status: 503, code: 'temporal_unavailable' })
      expect(answer.headers.get('Retry-After')).toBe('5')
    }
    const ready = await down.request('/readyz')
    expect([ready.status, (await ready.json()).reason]).toEqual([503, expect.stringMatching(/^temporal: /)])
    expect((await down.request('/healthz')).status).toBe(200)
  })

  it('the store: 503 with the reason', async () => {
    const broken = async () => {
      throw new ObjectStoreError('unavailable', 'connection refused', { retryable: true })
    }
    const store = {
      ...api.store,
      description: 'S3 at http://127.0.0.1:7070',
      head: broken,
      put: broken,
      list: broken,
    }
    const down = api.with({ store })
    const answer = await down.post('/v1/jobs', await resize())
    expect(await problemOf(answer)).toMatchObject({ status: 503, code: 'store_unavailable' })
    const ready = await down.request('/readyz')
    expect((await ready.json()).reason).toBe(
      'object store: S3 at http://127.0.0.1:7070 does not answer: connection refused',
    )
  })

  it('the cache: 503 for the gallery only', async () => {
    const broken = async () => {
      throw new GalleryCacheError('cache_unavailable', 'connection refused')
    }
    const down = api.with({ cache: { ...api.gallery, description: 'Redis', isWarm: broken, page: broken } })
    expect(await problemOf(await down.request('/v1/gallery'))).toMatchObject({ code: 'cache_unavailable' })
    expect((await down.post('/v1/jobs', await resize(), { Prefer: 'wait=20' })).status).toBe(200)
  })
})

it('fills an empty gallery cache once for all requests', async () => {
  let filled = 0
  const { gallery } = api
  const cold = api.with({
    cache: { ...gallery, isWarm: async () => filled > 0, page: (options) => gallery.page(options) },
    rebuildGallery: async () => {
      await gallery.isWarm()
      filled += 1
    },
  })
  const answers = await Promise.all(Array.from({ length: 5 }, () => cold.request('/v1/gallery')))
  expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200))
  expect(filled).toBe(1)
})

it('is ready if everything responds and every queue is polled', async () => {
  await expect
    .poll(async () => (await (await api.with({}).request('/readyz')).json()).reason, { timeout: 10_000 })
    .toBeNull()
})

it('counts requests by route, never by path', async () => {
  const counted = api.with({})
  await counted.request('/v1/jobs/mosaic-a')
  await counted.request('/v1/jobs/mosaic-b')
  await counted.request('/nothing/here')
  const answer = await counted.request('/metrics')
  const text = await answer.text()
  expect(answer.headers.get('Content-Type')).toContain('text/plain')
  expect(text).toContain('mosaicme_http_requests_total{method="GET",route="/v1/jobs/:id",status="404"} 2')
  expect(text).toContain('mosaicme_http_requests_total{method="GET",route="none",status="404"} 1')
  expect(text).toContain('process_cpu_user_seconds_total')
  expect(text).not.toContain('mosaic-a')
})

describe('the documentation', () => {
  it('is an OpenAPI document of exactly the existing routes', async () => {
    const document = await (await api.request('/openapi.json')).json()
    expect(document.openapi).toBe('3.1.0')
    const calls = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item as object).map((method) => `${method} ${path}`),
    )
    expect(calls.sort()).toEqual([
      'delete /v1/blocked/{kind}/{value}',
      'delete /v1/jobs/{id}',
      'delete /v1/tiles/{library}/authors/{handle}',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'get /v1/blocked',
      'get /v1/collectors',
      'get /v1/deletions/{network}',
      'get /v1/gallery',
      'get /v1/gallery/events',
      'get /v1/inboxes',
      'get /v1/jobs',
      'get /v1/jobs/{id}',
      'get /v1/jobs/{id}/events',
      'get /v1/jobs/{id}/files/{name}',
      'get /v1/jobs/{id}/preview',
      'get /v1/jobs/{id}/result',
      'get /v1/jobs/{id}/runners-up',
      'get /v1/jobs/{id}/steps',
      'get /v1/listeners',
      'get /v1/moderation',
      'get /v1/moderation/log',
      'get /v1/moderation/{id}/picture',
      'get /v1/queues',
      'get /v1/spending',
      'get /v1/tiles',
      'get /v1/tiles/{library}',
      'get /v1/tiles/{library}/events',
      'get /v1/tiles/{library}/{tile}/picture',
      'post /codec/decode',
      'post /codec/encode',
      'post /codec/links',
      'post /v1/bulk',
      'post /v1/collectors',
      'post /v1/collectors/{id}/pause',
      'post /v1/collectors/{id}/resume',
      'post /v1/collectors/{id}/stop',
      'post /v1/deletions/{network}/look',
      'post /v1/inboxes',
      'post /v1/inboxes/{id}/pause',
      'post /v1/inboxes/{id}/resume',
      'post /v1/inboxes/{id}/stop',
      'post /v1/jobs',
      'post /v1/jobs/{id}/cancel',
      'post /v1/jobs/{id}/edits',
      'post /v1/jobs/{id}/publish',
      'post /v1/jobs/{id}/replay',
      'post /v1/links',
      'post /v1/listeners/{network}/start',
      'post /v1/listeners/{network}/stop',
      'post /v1/moderation/{id}/approve',
      'post /v1/moderation/{id}/reject',
      'post /v1/previews',
      'post /v1/tiles',
      'post /v1/tiles/{library}/print',
      'post /v1/tiles/{library}/sheet',
      'post /v1/uploads',
      'put /v1/blocked/{kind}/{value}',
    ])
    const text = JSON.stringify(document)
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas, name).toHaveProperty(name ?? '')
    const form = document.paths['/v1/jobs'].post.requestBody.content
    expect(Object.keys(form)).toEqual(['application/json', 'multipart/form-data'])
  })

  it('is pages without scripts and without external resources', async () => {
    for (const path of ['/docs', '/docs/problems']) {
      const answer = await api.request(path)
      const html = await answer.text()
      expect(answer.headers.get('Content-Type')).toContain('text/html')
      expect(answer.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
      expect(html).toMatch(/^<!doctype html><html lang="en">/)
      expect(html).not.toContain('`')
      expect(html).not.toMatch(/<script|<style| style=|onclick|https?:\/\/(?!example)/)
      const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
      for (const [, anchor] of html.matchAll(/href="#([^"]+)"/g)) expect(ids, anchor).toContain(anchor)
    }
    const style = await api.request('/docs/docs.css')
    expect(style.headers.get('Content-Type')).toContain('text/css')
  })

  it('has an anchor for the type of every problem', async () => {
    const { type } = await problemOf(await api.request('/v1/nothing'))
    const [path, anchor] = type.split('#')
    expect(await (await api.request(path ?? '')).text()).toContain(`id="${anchor}"`)
  })
})
