/** Jobs whose pictures must be fetched from slow, flaky or missing servers. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Job } from '../../api/client.ts'
import { type Api, picture, startApi } from './api.ts'

let api: Api
let server: Server
let host: string
let flakyAnswers = 0
beforeAll(async () => {
  const bytes = await picture(60, 40, 'png')
  server = createServer((request, response) => {
    if (request.url === '/slow') return
    if (request.url === '/gone') return void response.writeHead(404).end()
    if (request.url === '/flaky' && flakyAnswers++ === 0)
      return void response.writeHead(503, { 'Retry-After': '2' }).end()
    response.writeHead(200, { 'Content-Type': 'image/png' }).end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  api = await startApi({}, { fetchAllowHosts: [host] })
})
afterAll(async () => {
  await api?.stop()
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
})

const resize = (path: string) => ({ type: 'resize', width: 30, input: { url: `http://${host}${path}` } })
const isProcessing = async (id: string) => (await api.job(id)).status === 'processing'

it('fetches the picture and resizes it', async () => {
  expect(await api.finish(resize('/picture.png#part'))).toMatchObject({
    status: 'succeeded',
    progress: { stage: 'resize', step: 2, steps: 2 },
    // Its format was unknown when the job was accepted.
    result: { width: 30, height: 20, format: 'jpeg' },
  })
})

it.each([
  ['an address where nothing is', '/gone'],
  ['an address that is private', undefined],
])('fails with a code and a message for %s', async (_, path) => {
  const body = path ? resize(path) : { ...resize(''), input: { url: 'http://169.254.169.254/latest/' } }
  const job = await api.finish(body)
  expect(job).toMatchObject({
    status: 'failed',
    error: { stage: 'download', retryable: false, code: expect.stringMatching(/^[a-z_]+$/) },
  })
  expect(job.error?.message).toMatch(/expected/i)
})

it('reports a step that is waiting for its next attempt', async () => {
  const job = (await (await api.post('/v1/jobs', resize('/flaky'))).json()) as Job
  await expect.poll(async () => (await api.job(job.id)).attempts).toHaveLength(1)
  const { attempts } = await api.job(job.id)
  expect(attempts).toMatchObject([
    {
      stage: 'download',
      attempt: 2,
      last_error: { code: expect.any(String), message: expect.stringContaining('503') },
    },
  ])
  const answer = await api.request(job.urls.self, { headers: { Prefer: 'wait=20' } })
  expect(await answer.json()).toMatchObject({ status: 'succeeded', attempts: [] })
})

it('stops when it is canceled although the server never responds', async () => {
  const job = (await (await api.post('/v1/jobs', resize('/slow'))).json()) as Job
  await expect.poll(() => isProcessing(job.id)).toBe(true)
  const answer = await api.request(job.urls.cancel, { method: 'POST' })
  expect(answer.status).toBe(202)
  expect(answer.headers.get('Location')).toBe(job.urls.self)
  const found = await api.request(job.urls.self, { headers: { Prefer: 'wait=20' } })
  expect(await found.json()).toMatchObject({ status: 'canceled', error: null, result: null })
})

it('can be deleted while it runs', async () => {
  const job = (await (await api.post('/v1/jobs', resize('/slow'))).json()) as Job
  await expect.poll(() => isProcessing(job.id)).toBe(true)
  expect((await api.request(job.urls.self, { method: 'DELETE' })).status).toBe(204)
  expect((await api.request(job.urls.self)).status).toBe(410)
})
