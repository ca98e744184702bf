/** Idempotency keys: the same key is the same job, for its caller and request, for a day. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job } from '../../api/client.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'
import { type Api, base64, forgetfulClient, form, picture, problemOf, startApi } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi({
    WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
    API_KEYS: 'first-key-of-this-suite,second-key-of-this-suite',
    ALLOW_ANONYMOUS: 'true',
  })
  await addStripedTiles(api.store, 'few', 9)
})
afterAll(async () => await api?.stop())

let keys = 0
const newKey = () => `key ${++keys}`
const resize = async (more: object = {}) => ({
  type: 'resize',
  width: 24,
  input: { base64: await base64() },
  ...more,
})

async function post(body: object, key: string, headers: Record<string, string> = {}, over = api) {
  const answer = await over.post('/v1/jobs', body, { 'Idempotency-Key': key, Prefer: 'wait=20', ...headers })
  return { status: answer.status, replayed: answer.headers.get('Idempotent-Replayed'), answer }
}
const idOf = async ({ answer }: { answer: Response }) => ((await answer.json()) as Job).id

describe('an idempotency key', () => {
  it('gives the first request’s job to all repeats', async () => {
    const key = newKey()
    const first = await post(await resize(), key)
    const second = await post(await resize(), key)
    expect([first.status, first.replayed]).toEqual([200, null])
    expect([second.status, second.replayed]).toEqual([200, 'true'])
    expect(await idOf(second)).toBe(await idOf(first))
  })

  it('starts one job for concurrent requests', async () => {
    const key = newKey()
    const body = await resize()
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(body, key)))
    expect(new Set(await Promise.all(answers.map(idOf))).size).toBe(1)
    expect(answers.filter(({ replayed }) => replayed === null)).toHaveLength(1)
  })

  it('finds a job that was started and finished while it was looked up', async () => {
    const key = newKey()
    const body = await resize()
    let earlier: Promise<string> | undefined
    const head: typeof api.store.head = async (...place) => {
      // Temporal has just reported none; now the earlier attempt, whose response was lost, arrives.
      earlier ??= post(body, key).then(idOf)
      await earlier
      return await api.store.head(...place)
    }
    const store = new Proxy(api.store, {
      get(target, name) {
        const own: unknown = Reflect.get(target, name)
        if (name === 'head') return head
        return typeof own === 'function' ? own.bind(target) : own
      },
    })
    const again = await post(body, key, {}, api.with({ store }))
    expect([again.status, again.replayed]).toEqual([200, 'true'])
    expect(await idOf(again)).toBe(await earlier)
  })

  it('starts one job for a mosaic and a resize at the same moment', async () => {
    for (let i = 0; i < 5; i++) {
      const key = { 'Idempotency-Key': `two types ${i}` }
      const input = { base64: await base64() }
      const mosaic = { type: 'mosaic', library: 'few', cell: 16, scale: 1, distance: 1 }
      const answers = await Promise.all([
        // Not the starter library, which would first be drawn for five seconds of a core.
        api.post('/v1/jobs', { ...mosaic, input }, key),
        api.post('/v1/jobs', { type: 'resize', width: 8, input }, key),
      ])
      expect(answers.map(({ status }) => status).sort()).toEqual([202, 422])
    }
  })

  it('treats another webhook as another request, for every type of job', async () => {
    const input = { base64: await base64() }
    const sent = await api.request('/v1/uploads', { method: 'POST', body: await picture() })
    const { upload } = (await sent.json()) as { upload: string }
    for (const [path, body] of [
      ['/v1/jobs', { type: 'resize', width: 8, input }],
      ['/v1/bulk', { width: 8, input: { uploads: [{ upload }] } }],
      ['/v1/tiles', { library: 'keyed', sources: [input] }],
    ] as const) {
      const key = { 'Idempotency-Key': newKey() }
      const ask = (webhook: string) => api.post(path, { ...body, webhook }, key)
      expect((await ask('https://one.example/')).status, path).toBe(202)
      expect((await ask('https://one.example/')).headers.get('Idempotent-Replayed'), path).toBe('true')
      const other = await ask('https://two.example/')
      expect([other.status, (await problemOf(other)).code], path).toEqual([422, 'idempotency_key_reused'])
    }
  })

  it('recognises the same request in another format and order', async () => {
    const key = newKey()
    const first = await post(await resize({ metadata: { a: '1', b: '2' }, quality: 80 }), key)
    const job = JSON.stringify({ metadata: { b: '2', a: '1' }, width: 24, type: 'resize' })
    const { body } = form({ job, image: await picture() })
    const headers = { 'Idempotency-Key': key }
    const answer = await api.request('/v1/jobs', { method: 'POST', headers, body: body ?? null })
    expect(answer.headers.get('Idempotent-Replayed')).toBe('true')
    expect(await idOf({ answer })).toBe(await idOf(first))
  })

  it.each([
    ['another size', async () => await resize({ width: 25 })],
    ['another picture', async () => await resize({ input: { base64: await base64(65, 48) } })],
    ['other metadata', async () => await resize({ metadata: { a: '1' } })],
    ['another type', async () => ({ type: 'mosaic', input: { base64: await base64() } })],
  ])('is refused for %s', async (_, other) => {
    const key = newKey()
    await post(await resize(), key)
    const { answer } = await post(await other(), key)
    expect(await problemOf(answer)).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
  })

  it('belongs to its caller', async () => {
    const key = newKey()
    const callers = [
      {},
      { Authorization: 'Bearer first-key-of-this-suite' },
      { Authorization: 'Bearer second-key-of-this-suite' },
    ]
    const ids = []
    for (const headers of callers) ids.push(await idOf(await post(await resize(), key, headers)))
    expect(new Set(ids).size).toBe(3)
  })

  it('can be used again after a day, even for another request, which then owns it', async () => {
    const key = newKey()
    const first = await idOf(await post(await resize(), key))
    const hours = (h: number) => api.with({ now: () => Date.now() + h * 3_600_000 })
    expect(await idOf(await post(await resize(), key, {}, hours(23)))).toBe(first)
    const later = await post(await resize({ width: 30 }), key, {}, hours(25))
    expect(later.replayed).toBeNull()
    const second = await idOf(later)
    expect(second).not.toBe(first)
    // Seen from now, the second was started today, so the key still leads to the first.
    expect(await idOf(await post(await resize(), key))).toBe(first)
  })

  it('can be used again when its job is deleted', async () => {
    const key = newKey()
    const first = await idOf(await post(await resize(), key))
    await api.request(`/v1/jobs/${first}`, { method: 'DELETE' })
    const second = await post(await resize({ width: 30 }), key)
    expect(second.replayed).toBeNull()
    expect(await idOf(second)).not.toBe(first)
  })

  it('does not reuse the ID of a job whose result has outlived its history', async () => {
    const key = newKey()
    const first = await idOf(await post(await resize(), key))
    const client = forgetfulClient(api)
    const answer = await api.with({ client }).post('/v1/jobs', await resize(), { 'Idempotency-Key': key })
    const second = await idOf({ answer })
    expect(answer.status).toBe(202)
    expect(second).not.toBe(first)
    await client.workflow.getHandle(second).terminate('nobody works in this namespace')
  })
})
