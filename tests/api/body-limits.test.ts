/** No route takes a body without end: not one that is new here, either. */
import { randomBytes } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Api, listen, problemOf, startApiWithoutWorkers } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApiWithoutWorkers({
    MAX_PICTURE_BYTES: '200000',
    MAX_BODY_BYTES: '1000000',
    MAX_BYTES_IN_HAND: '150000',
  })
})
afterAll(async () => await api?.stop())

/** All calls in the API's description that may have a body, with IDs of nothing. */
async function writes(): Promise<{ method: string; path: string; type: string }[]> {
  const { paths } = (await (await api.request('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { requestBody?: { content: Record<string, unknown> } }>>
  }
  return Object.entries(paths).flatMap(([path, calls]) =>
    Object.entries(calls)
      .filter(([method]) => method !== 'get')
      .map(([method, { requestBody }]) => ({
        method: method.toUpperCase(),
        path: path.replaceAll(/\{\w+\}/g, 'mosaic-nothing'),
        type: Object.keys(requestBody?.content ?? {})[0] ?? 'application/json',
      })),
  )
}

function endless() {
  let bytes = 0
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      bytes += 0x10000
      controller.enqueue(new Uint8Array(0x10000).fill(0x20))
    },
  })
  return { stream, read: () => bytes }
}

it('rejects an endless body on every route', async () => {
  const all = await writes()
  expect(all.length).toBeGreaterThan(25)
  const offences: string[] = []
  for (const { method, path, type } of all) {
    const { stream, read } = endless()
    const init = { method, headers: { 'Content-Type': type }, body: stream, duplex: 'half' }
    const answer = await api.request(path, init as RequestInit)
    const { detail = '' } = await problemOf(answer)
    // The largest limit is 8 MiB.
    const refused = answer.status === 413 && / at most \d+ bytes, received more/.test(detail)
    if (!refused || read() > 9 * 2 ** 20)
      offences.push(`${method} ${path}: ${answer.status} after ${read()} bytes: ${detail}`)
  }
  expect(offences).toEqual([])
})

it('reports the limit and the received size', async () => {
  const body = JSON.stringify({ action: 'upload', why: 'x'.repeat(300_000) })
  const answer = await api.post('/v1/links', body, { 'Content-Length': String(body.length) })
  expect(await problemOf(answer)).toMatchObject({
    status: 413,
    code: 'body_too_large',
    detail: `Expected a body of at most 262144 bytes, received ${body.length}.`,
  })
})

it('accepts a hundred edits with long names, and a mask in a replay', async () => {
  const tile = '\\u00fc'.repeat(300)
  const pins = Array.from({ length: 100 }, (_, x) => `{"x":${x},"y":0,"tile":"${tile}"}`)
  const edits = await api.post('/v1/jobs/mosaic-nothing/edits', `{"pin":[${pins}]}`)
  expect((await problemOf(edits)).code).toBe('job_not_found')
  const params = { mask: { base64: 'A'.repeat(400_000) } }
  const replay = await api.post('/v1/jobs/mosaic-nothing/replay', { params })
  expect((await problemOf(replay)).code).toBe('job_not_found')
})

it('has no more bodies in hand than it has room for, whichever way and to whichever address they come', async () => {
  let stored = () => {}
  const storing = new Promise<void>((resolve) => {
    stored = resolve
  })
  const put = api.store.put.bind(api.store)
  const puts = vi.spyOn(api.store, 'put').mockImplementation(async (...picture) => {
    await storing
    return await put(...picture)
  })
  const { site, stop } = await listen(api)
  const send = (path: string, body: BodyInit) =>
    fetch(site + path, {
      ...{ method: 'POST', body, duplex: 'half' },
      headers: { 'Content-Type': 'application/json' },
    })
  try {
    // 120 KB that cannot be made shorter.
    const noise = await sharp(randomBytes(120_000), { raw: { width: 200, height: 200, channels: 3 } })
      .png()
      .toBuffer()
    const first = send('/v1/uploads', new Uint8Array(noise))
    await expect.poll(() => puts.mock.calls.length).toBe(1)
    const blank = new Uint8Array(60_000).fill(0x20)
    for (const path of ['/v1/uploads', '/v1/jobs', '/v1/links', '/api/'])
      for (const body of [blank, new Blob([blank]).stream()]) {
        const answer = await send(path, body)
        expect([answer.status, answer.headers.get('Retry-After')], path).toEqual([429, '1'])
      }
    // In a few words there is always something to be said.
    expect((await send('/v1/jobs/mosaic-nothing/cancel', '')).status).toBe(404)
    stored()
    expect((await first).status).toBe(201)
    expect((await problemOf(await send('/v1/uploads', blank))).code).toBe('not_an_image')
  } finally {
    stored()
    await stop()
  }
})
