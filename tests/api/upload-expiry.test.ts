/** Uploads expire when nothing has referred to them for long enough, but never while a job may still read them. */
import { Client } from '@temporalio/client'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createExpireUploads } from '../../activities/expire-uploads.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import { signPath } from '../../api/img/signature.ts'
import { expiryOf } from '../../cli/schedules.ts'
import { createLastingJobs } from '../../workers/lasting-jobs.ts'
import { createTemporalClient } from '../../workers/temporal-client.ts'
import { lastingNamespaces } from '../servers/temporal.ts'
import { type Api, forgetfulClient, picture, problemOf, startApiWithoutWorkers } from './api.ts'

const hour = 3_600_000
const day = 24 * hour
const kept = 7 * day

let api: Api
beforeAll(async () => {
  api = await startApiWithoutWorkers()
})
afterAll(async () => {
  await api?.stop()
})

let side = 20
/** A different picture each time. */
async function upload(who = api): Promise<string> {
  const answer = await who.request('/v1/uploads', {
    method: 'POST',
    body: new Uint8Array(await picture(side++, 20)),
  })
  return ((await answer.json()) as { upload: string }).upload
}
async function start(path: string, body: object, who = api): Promise<string> {
  const answer = await who.post(path, body)
  expect(answer.status, await answer.clone().text()).toBe(202)
  return ((await answer.json()) as { id: string }).id
}
const info = (sha256: string) => api.store.head('in', layout.upload(sha256).key)
const isThere = async (sha256: string) => (await info(sha256)) !== undefined

/** Runs the Schedule's step as if that much time had passed. */
async function expireAfter(ms: number, { client = api.client, presets = [] as string[] } = {}) {
  const lastingJobs = createLastingJobs(client)
  const step = createExpireUploads({ store: api.store, lastingJobs, now: () => Date.now() + ms })
  return (await new MockActivityEnvironment().run(step, { olderThanMs: kept, kept: presets })) as {
    uploads: number
  }
}
/** Temporal's lists are eventually consistent. */
const listed = async (status: string, ...ids: string[]) =>
  await expect
    .poll(
      async () => {
        const found: string[] = []
        for await (const { workflowId } of api.client.workflow.list({
          query: `ExecutionStatus = '${status}'`,
        }))
          found.push(workflowId)
        return found
      },
      { timeout: 20_000 },
    )
    .toEqual(expect.arrayContaining(ids))

it('an upload without references expires in time, not before; presets keep theirs', async () => {
  const [one, other] = [await upload(), await upload()]
  await expireAfter(kept - hour)
  expect(await Promise.all([one, other].map(isThere))).toEqual([true, true])
  expect((await expireAfter(kept + hour, { presets: [other] })).uploads).toBe(1)
  expect(await Promise.all([one, other].map(isThere))).toEqual([false, true])
})

it('what a job may still read stays, whatever its type and age', async () => {
  const uploads = await Promise.all(Array.from({ length: 7 }, () => upload()))
  const [photo, mark, listedOne, tile, failed, forgotten, nobodys] = uploads as [
    ...[string, string, string, string, string, string, string],
  ]
  const resize = (sha256: string) => ({ type: 'resize', width: 9, input: { upload: sha256 } })
  const running = [
    await start('/v1/jobs', { type: 'mosaic', input: { upload: photo } }),
    await start('/v1/jobs', { ...resize(photo), watermark: { image: { upload: mark } } }),
    await start('/v1/bulk', { input: { uploads: [{ upload: listedOne }] }, width: 9 }),
    await start('/v1/tiles', { library: 'expiry', sources: [{ upload: tile }] }),
  ]
  const ended = await start('/v1/jobs', resize(failed))
  await api.client.workflow.getHandle(ended).terminate('as if it had failed')
  // A job that Temporal no longer has: it was in another namespace, which other tests do not use either.
  const namespace = lastingNamespaces.at(-1)!
  const elsewhere = new Client({ connection: api.client.connection, namespace })
  const given = await start('/v1/jobs', resize(forgotten), api.with({ client: elsewhere }))
  await elsewhere.workflow.getHandle(given).terminate('it is over')
  await listed('Running', ...running)
  await listed('Terminated', ended)

  await expireAfter(kept * 10)
  const there = await Promise.all(uploads.map(isThere))
  expect(there).toEqual([true, true, true, true, true, false, false])
  expect(await isThere(nobodys)).toBe(false)
  // Temporal's database is lost: jobs may be restored from their orders.
  await expireAfter(kept * 10, { client: forgetfulClient(api) })
  expect(await Promise.all([photo, listedOne, tile, failed].map(isThere))).toEqual([true, true, true, false])
})

it('what a job may still read stays even if Temporal’s payloads are encrypted', async () => {
  const sha256 = await upload()
  // A separate namespace, since others lack the key.
  const { connection, options } = forgetfulClient(api)
  const payloadKeys = [{ id: 'a', secret: Buffer.alloc(32, 1).toString('base64') }]
  const client = await createTemporalClient({ connection, namespace: options.namespace, payloadKeys })
  const workflowId = `resize-encrypted-${sha256.slice(0, 8)}`
  const args = [{ picture: layout.upload(sha256) }]
  const handle = await client.workflow.start('resize', { workflowId, taskQueue: 'nobody', args })
  await expect
    .poll(async () => (await client.workflow.count(`WorkflowId = '${workflowId}'`)).count, {
      timeout: 20_000,
    })
    .toBe(1)
  await expireAfter(kept * 10, { client })
  expect(await isThere(sha256)).toBe(true)
  await handle.terminate()
})

it('what an inbox has taken stays until it is in its library', async () => {
  const sha256 = await upload()
  const list = layout.inbox.list('scans', 'a'.repeat(64))
  const sources = [{ source: { object: layout.upload(sha256) }, name: 'a.jpg' }]
  await api.store.put(list.bucket, list.key, Buffer.from(JSON.stringify(sources)))
  await expireAfter(kept * 10)
  expect(await isThere(sha256)).toBe(true)
  await api.store.delete(list.bucket, list.key)
  await expireAfter(kept * 10)
  expect(await isThere(sha256)).toBe(false)
})

it('an upload that is sent again during the scan stays', async () => {
  const sha256 = await upload()
  const lastingJobs = createLastingJobs(api.client)
  const { bucket, key } = layout.upload(sha256)
  const later = () => Date.now() + kept * 10
  const young = { ...(await info(sha256))!, modifiedAt: new Date(later()) }
  const head: typeof api.store.head = async (...of) => (of[1] === key ? young : await api.store.head(...of))
  const { store: real } = api
  const store = {
    get: (...of) => real.get(...of),
    list: (...of) => real.list(...of),
    delete: (...of) => real.delete(...of),
    head,
  } as Partial<typeof api.store> as typeof api.store
  const step = createExpireUploads({ store, lastingJobs, now: later })
  await new MockActivityEnvironment().run(step, { olderThanMs: kept, kept: [] })
  expect(await api.store.head(bucket, key)).toBeDefined()
})

describe('an upload is renewed', () => {
  const at = (ms: number, img?: Api['deps']['img']) =>
    api.with({
      now: () => Date.now() + ms,
      environment: { ...api.deps.environment, uploadTtlMs: kept },
      ...(img && { img }),
    })
  const age = async (sha256: string) => (await info(sha256))!.modifiedAt.getTime()

  it.each([
    [
      'by a job',
      async (sha256: string, who: Api) => {
        await start('/v1/jobs', { type: 'resize', width: 9, input: { upload: sha256 } }, who)
      },
    ],
    [
      'by a bulk job',
      async (sha256: string, who: Api) => {
        await start('/v1/bulk', { input: { uploads: [{ upload: sha256 }] }, width: 9 }, who)
      },
    ],
    [
      'by a signed address',
      async (sha256: string, who: Api) => {
        const path = `/w:9/plain/upload:${sha256}`
        expect((await who.request(`/img/${signPath(who.deps.img!.key, path)}${path}`)).status).toBe(200)
      },
    ],
  ])('%s', async (_, name) => {
    const img = {
      key: { key: Buffer.alloc(16), salt: Buffer.alloc(0) },
      sources: [],
      fetch: undefined as never,
    }
    const sha256 = await upload()
    const before = await age(sha256)
    await name(sha256, at(hour / 2, img))
    expect(await age(sha256)).toBe(before)
    await name(sha256, at(2 * hour, img))
    expect(await age(sha256)).toBeGreaterThan(before)
    expect(await info(sha256)).toMatchObject({
      contentType: 'image/jpeg',
      metadata: { height: '20', format: 'jpeg' },
    })
  })

  it('when it is sent again', async () => {
    const sha256 = await upload()
    const before = await age(sha256)
    side--
    expect(await upload(at(2 * hour))).toBe(sha256)
    expect(await age(sha256)).toBeGreaterThan(before)
  })

  it('but not after its expiry, even if it still exists', async () => {
    const sha256 = await upload()
    const late = at(kept + 1000)
    const refused = await late.post('/v1/jobs', { type: 'resize', width: 9, input: { upload: sha256 } })
    expect(await problemOf(refused)).toMatchObject({ status: 422, code: 'upload_not_found' })
    // A check from a moment before still holds.
    await expireAfter(kept + 1000)
    expect(await isThere(sha256)).toBe(true)
    await expireAfter(kept + hour)
    expect(await isThere(sha256)).toBe(false)
  })
})

it('the owner of an upload is removed with it', async () => {
  const tenant = { name: 'ada', scopes: ['submit', 'read'] as const, isolated: true, admit: async () => {} }
  const sha256 = await upload()
  const claim = layout.uploadClaim(tenant.name, sha256)
  await api.store.put(claim.bucket, claim.key, new Uint8Array())
  await expireAfter(kept - hour)
  expect(await api.store.head(claim.bucket, claim.key)).toBeDefined()
  await expireAfter(kept + hour)
  expect(await api.store.head(claim.bucket, claim.key)).toBeUndefined()
})

it('the Schedule knows the uploads of presets', () => {
  const image = { upload: 'a'.repeat(64) }
  const presets = { thumb: { width: 9 }, signed: { watermark: { image } } } as never
  expect(expiryOf({}, presets)).toEqual({})
  expect(expiryOf({ uploadTtlMs: day }, presets)).toEqual({
    uploads: { olderThanMs: day, kept: ['a'.repeat(64)] },
  })
})

it('logged no errors', () => expect(api.errors).toEqual([]))
