/** Overload: some requests are rejected with Retry-After, accepted ones are served, and readiness shows it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { createGuardedFetch } from '../../adapters/guarded-fetch/guarded-fetch.ts'
import { signPath } from '../../api/img/signature.ts'
import { createOpenJobs } from '../../api/jobs/open-jobs.ts'
import { type Api, base64, picture, problemOf, startApi } from './api.ts'

const limit = 5

/** Responds only when released. */
let slow: { host: string; open: () => void; stop: () => void }
let api: Api
beforeAll(async () => {
  slow = await startSlowServer(await picture(60, 40))
  api = await startApi({ MAX_OPEN_JOBS: String(limit) }, { fetchAllowHosts: [slow.host] })
})
afterAll(async () => {
  slow.stop()
  await api?.stop()
})

async function startSlowServer(photo: Uint8Array) {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const server = createServer((_, response) => void opened.then(() => response.end(photo)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, open, stop }
}

const ready = async (query = '', who = api) => {
  const answer = await who.request(`/readyz${query}`)
  const { reason, accepting } = (await answer.json()) as {
    reason: string | null
    accepting: Record<'jobs' | 'pictures', { ok: boolean; detail: string }>
  }
  return { status: answer.status, reason, jobs: accepting.jobs.ok, pictures: accepting.pictures.ok }
}
const uploads = async () => (await api.store.list('in', { prefix: 'uploads/' })).objects.length
const idOf = async (answer: Response) => ((await answer.json()) as { id: string }).id

it('of many concurrent requests it accepts what it can hold, and serves that', async () => {
  await expect.poll(ready).toEqual({ status: 200, reason: null, jobs: true, pictures: true })
  const upload = await api.request('/v1/uploads', { method: 'POST', body: new Uint8Array(await picture()) })
  const input = { upload: ((await upload.json()) as { upload: string }).upload }
  const answers = await Promise.all(
    Array.from({ length: 10 * limit }, (_, n) =>
      api.post('/v1/jobs', { type: 'resize', input, width: 10 + n }),
    ),
  )
  const refused = answers.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  for (const answer of refused) expect(answer.headers.get('Retry-After')).toMatch(/^(1|10)$/)
  const accepted = answers.filter(({ status }) => status === 202)
  expect(accepted.length).toBe(answers.length - refused.length)
  // Jobs that have just ended may still be counted, since visibility is eventually consistent.
  expect(accepted.length).toBeGreaterThan(0)
  for (const answer of accepted) {
    const done = await api.request(`/v1/jobs/${await idOf(answer)}`, { headers: { Prefer: 'wait=20' } })
    expect(await done.json()).toMatchObject({ status: 'succeeded' })
  }
})

it('of many requests at the same moment it accepts no more than its limit', async () => {
  const { admit } = createOpenJobs({
    ...api.deps,
    environment: loadEnvironment({ MAX_OPEN_JOBS: String(limit) }),
  })
  // Counted before, so that all of them use one count.
  const answers = await Promise.allSettled(Array.from({ length: 10 * limit }, () => admit(async () => {})))
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []))
  expect(refused.length).toBeGreaterThanOrEqual(9 * limit)
  expect(new Set(refused)).toEqual(new Set(['too_many_jobs']))
})

it('rejects at the limit before reading a picture, and reports it in readiness', async () => {
  await expect.poll(async () => (await ready()).jobs).toBe(true)
  const waiting = (width: number) => ({
    ...{ type: 'resize', width, input: { url: `http://${slow.host}/a.jpg` } },
  })
  const ids: string[] = []
  const key = { 'Idempotency-Key': 'the first of a full house' }
  while ((await ready()).jobs) {
    const answer = await api.post('/v1/jobs', waiting(10 + ids.length), ids.length === 0 ? key : {})
    if (answer.status === 202) ids.push(await idOf(answer))
  }
  expect(ids.length).toBeGreaterThanOrEqual(limit)

  const before = await uploads()
  for (const [path, body] of [
    ['/v1/jobs', { type: 'resize', width: 9, input: { base64: await base64(77, 33) } }],
    ['/v1/bulk', { width: 9, input: { urls: [`http://${slow.host}/a.jpg`] } }],
    ['/api/', { image: await base64(78, 33), width: 9, height: 9 }],
    ['/v1/tiles', { library: 'full', sources: [{ base64: await base64(79, 33) }] }],
    // Not even inspected.
    ['/v1/jobs', 'not JSON'],
  ] as const) {
    const answer = await api.post(path, body)
    expect(answer.headers.get('Retry-After'), path).toBe('10')
    expect(await problemOf(answer), path).toMatchObject({ status: 429, code: 'too_many_jobs' })
  }
  expect(await uploads()).toBe(before)
  // A repeat of an existing job is accepted.
  const again = await api.post('/v1/jobs', waiting(10), key)
  expect([again.status, await idOf(again)]).toEqual([202, ids[0]])

  expect(await ready()).toMatchObject({ status: 200, reason: null, jobs: false, pictures: true })
  expect(await ready('?for=jobs')).toMatchObject({
    status: 503,
    reason: expect.stringMatching(/^jobs: .*429/),
  })
  expect((await ready('?for=pictures')).status).toBe(200)

  await Promise.all(ids.map((id) => api.post(`/v1/jobs/${id}/cancel`, {})))
  await expect.poll(async () => (await ready('?for=jobs')).status).toBe(200)
})

it('limits pictures of signed addresses, too', async () => {
  const { host } = slow
  const img = {
    key: { key: Buffer.from('a key of sixteen'), salt: Buffer.from('salt') },
    sources: [`http://${host}/`],
    fetch: createGuardedFetch({ allowHosts: [host] }),
  }
  const shop = api.with({ img })
  const get = (width: number) => {
    const path = `/w:${width}/plain/${encodeURIComponent(`http://${host}/${width}.jpg`)}`
    return shop.request(`/img/${signPath(img.key, path)}${path}`)
  }
  const most = 16 * availableParallelism()
  const waiting = Array.from({ length: most }, (_, n) => get(10 + n))
  await expect.poll(async () => (await ready('?for=pictures', shop)).status).toBe(503)
  const refused = await get(9)
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '1'])
  slow.open()
  for (const answer of waiting) expect((await answer).status).toBe(200)
  await expect.poll(async () => (await ready('?for=pictures', shop)).status).toBe(200)
})

it('logged no errors', () => expect(api.errors).toEqual([]))
