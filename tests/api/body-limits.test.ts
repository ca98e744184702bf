/** No route accepts an endless body, including new ones. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Api, problemOf, startApiWithoutWorkers } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApiWithoutWorkers({ MAX_PICTURE_BYTES: '200000', MAX_BODY_BYTES: '1000000' })
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
