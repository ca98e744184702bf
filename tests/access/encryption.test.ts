/** Encryption of Temporal's payloads: unreadable there, readable for everybody with a key. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { Client } from '@temporalio/client'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/data-converter-helpers.js'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import proto from '@temporalio/proto'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createExpireUploads, type LastingJob } from '../../activities/expire-uploads.ts'
import { createKeepLedger, type EndedJob } from '../../activities/keep-ledger.ts'
import { noKey } from '../../adapters/environment/payload-keys.ts'
import { loadEnvironment, type PayloadKey } from '../../adapters/environment.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectInfo } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { checkPayloadKeys } from '../../adapters/payloads/check-keys.ts'
import { EncryptionCodec } from '../../adapters/payloads/encryption.ts'
import { PayloadError } from '../../adapters/payloads/payload-error.ts'
import { createDataConverter } from '../../adapters/payloads.ts'
import { withoutSignature } from '../../api/access/signed-link.ts'
import type { Job } from '../../api/client.ts'
import { newJobId } from '../../api/jobs/job-id.ts'
import { main } from '../../cli/main.ts'
import { cacheFolder } from '../../cli/package-root.ts'
import { findTemporal } from '../../cli/temporal/binary.ts'
import { work } from '../../cli/work.ts'
import { createEndedJobs } from '../../workers/ended-jobs.ts'
import { createLastingJobs } from '../../workers/lasting-jobs.ts'
import { createMosaicStarter } from '../../workers/mosaic-starter.ts'
import { startOptions } from '../../workflows/contract/accepted-job.ts'
import { type Api, base64, listen, picture, problemOf, startApi } from '../api/api.ts'
import { scratchFolder } from '../cli/scratch.ts'
import { temporalAddress, testNamespaces } from '../servers/temporal.ts'
import { type Stack, startStack } from '../workflows/stack.ts'

const { History } = proto.temporal.api.history.v1
const { DescribeWorkflowExecutionResponse } = proto.temporal.api.workflowservice.v1

interface HistoryJson {
  events: { workflowExecutionStartedEventAttributes?: { memo: { fields: object } } }[]
}

const newKey = (id: string): PayloadKey => ({ id, secret: randomBytes(32).toString('base64') })
const summer = newKey('summer')
const autumn = newKey('autumn')

const payload = (value: unknown) => defaultPayloadConverter.toPayload(value)
const encodingOf = ({ metadata }: Payload) => Buffer.from(metadata?.encoding ?? []).toString()

describe('a key ring', () => {
  const before = new EncryptionCodec([summer])
  const during = new EncryptionCodec([autumn, summer])
  const after = new EncryptionCodec([autumn])

  it('encrypts the same value differently each time, and restores it', async () => {
    const sent = [payload({ photo: 'mine' }), payload(undefined), payload(new Uint8Array([1, 2, 3]))]
    const one = await before.encode(sent)
    const other = await before.encode(sent)
    expect(one.map(encodingOf)).toEqual(Array(3).fill('binary/encrypted'))
    expect(Buffer.from(one[0]!.data!)).not.toEqual(Buffer.from(other[0]!.data!))
    expect(Buffer.from(one[0]!.data!).toString('latin1')).not.toContain('mine')
    const back = await before.decode(one)
    expect(back.map((each) => defaultPayloadConverter.fromPayload(each))).toEqual([
      { photo: 'mine' },
      undefined,
      new Uint8Array([1, 2, 3]),
    ])
  })

  it('decrypts with earlier keys, and encrypts with the first', async () => {
    const old = await before.encode([payload('old')])
    expect(defaultPayloadConverter.fromPayload((await during.decode(old))[0]!)).toBe('old')
    const fresh = await during.encode([payload('new')])
    expect(defaultPayloadConverter.fromPayload((await after.decode(fresh))[0]!)).toBe('new')
  })

  it('encrypts nothing with `plain` first, but still decrypts', async () => {
    const old = await before.encode([payload('old')])
    const ended = new EncryptionCodec([noKey, summer])
    expect(defaultPayloadConverter.fromPayload((await ended.decode(old))[0]!)).toBe('old')
    expect(await ended.encode([payload('new')])).toEqual([payload('new')])
    expect(createDataConverter([noKey, summer]).failureConverterPath).toBeUndefined()
  })

  it('accepts unencrypted payloads', async () => {
    expect(await after.decode([payload('plain')])).toEqual([payload('plain')])
    expect(await new EncryptionCodec([]).encode([payload('plain')])).toEqual([payload('plain')])
  })

  it('names a key that is missing or has another value', async () => {
    const old = await before.encode([payload('old')])
    await expect(after.decode(old)).rejects.toMatchObject({
      code: 'payload_key_missing',
      retryable: true,
      message: expect.stringMatching(/"summer".*only has autumn/),
    })
    await expect(new EncryptionCodec([]).decode(old)).rejects.toThrow(/"summer".*is empty/)
    await expect(new EncryptionCodec([newKey('summer')]).decode(old)).rejects.toMatchObject({
      code: 'payload_not_decrypted',
      message: expect.stringContaining('"summer"'),
    })
  })

  it('notices every changed bit', async () => {
    const [sealed] = await before.encode([payload('mine')])
    for (const at of [0, 15, sealed!.data!.length - 1]) {
      const data = Uint8Array.from(sealed!.data!)
      data[at]! ^= 1
      await expect(before.decode([{ ...sealed, data }])).rejects.toThrow(/the payload was altered/)
    }
    await expect(before.decode([{ ...sealed, data: new Uint8Array(3) }])).rejects.toThrow(/altered/)
  })
})

it('says in plain text which key is missing', () => {
  const { failureConverter } = loadDataConverter(createDataConverter([autumn]))
  const told = (error: Error) => failureConverter.errorToFailure(error, defaultPayloadConverter).message
  const missing = new PayloadError('payload_key_missing', 'Expected the key "summer"')
  expect(told(missing)).toBe('Expected the key "summer"')
  expect(told(new Error('of the photo'))).toBe('Encoded failure')
  expect(told(new Error('again', { cause: missing }))).toBe('Encoded failure')
})

describe('a process at startup', () => {
  const open = async () => await openObjectStore({ dataDir: await scratchFolder() })

  it('requires the key that others have begun to encrypt with, with the same value', async () => {
    const store = await open()
    await checkPayloadKeys(store, [])
    await checkPayloadKeys(store, [summer])
    // A key that is listed but not first is not noted.
    await checkPayloadKeys(store, [summer, autumn])
    await checkPayloadKeys(store, [summer])
    await checkPayloadKeys(store, [autumn, summer])
    for (const keys of [[], [summer]])
      await expect(checkPayloadKeys(store, keys)).rejects.toMatchObject({
        code: 'payload_key_missing',
        message: expect.stringContaining('"autumn"'),
      })
    await expect(checkPayloadKeys(store, [autumn, newKey('summer')])).rejects.toMatchObject({
      code: 'payload_key_differs',
      message: expect.stringContaining('"summer"'),
    })
    // Finally, the old one is removed.
    await checkPayloadKeys(store, [autumn])
  })

  it('is told how to end encryption, can end it, and can start it again', async () => {
    const store = await open()
    await checkPayloadKeys(store, [summer])
    await expect(checkPayloadKeys(store, [])).rejects.toMatchObject({
      code: 'payload_key_missing',
      message: expect.stringContaining('set PAYLOAD_KEYS=plain,summer:KEY'),
    })
    await expect(checkPayloadKeys(store, [noKey])).rejects.toMatchObject({ code: 'payload_key_missing' })
    await checkPayloadKeys(store, [noKey, summer])
    // Temporal no longer has any job from before.
    await checkPayloadKeys(store, [])
    await checkPayloadKeys(store, [summer])
    await expect(checkPayloadKeys(store, [])).rejects.toMatchObject({ code: 'payload_key_missing' })
    await checkPayloadKeys(store, [noKey, summer])
    await checkPayloadKeys(store, [])
  })

  it('does not start without it', async () => {
    const dataDir = await scratchFolder()
    const store = await openObjectStore({ dataDir })
    await checkPayloadKeys(store, [summer])
    vi.stubEnv('DATA_DIR', dataDir)
    vi.stubEnv('TEMPORAL_ADDRESS', temporalAddress())
    await expect(work(['cache'])).rejects.toMatchObject({ code: 'payload_key_missing' })
  })

  it('notices when another process uses the same ID for another key at the same moment', async () => {
    const store = await open()
    const both = [newKey('winter'), newKey('winter')].map((key) => checkPayloadKeys(store, [key]))
    const outcomes = await Promise.allSettled(both)
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'payload_key_differs' },
    })
  })

  it('leaves no key in the store', async () => {
    const store = await open()
    await checkPayloadKeys(store, [summer])
    const { objects } = await store.list('in')
    expect(objects).toHaveLength(1)
    const { body } = await store.get('in', objects[0]!.key)
    const note = await text(body)
    expect(note).toContain('summer')
    expect(note).not.toContain(summer.secret)
  })
})

describe('a service that encrypts', () => {
  let api: Api & { stack: Stack }
  /** Without keys, like somebody with a copy of Temporal's database. */
  let plain: Client
  let resized: Job
  beforeAll(async () => {
    // A namespace of its own, because other suites lack the key for what is left there.
    const temporal = { address: temporalAddress(), namespace: testNamespaces.at(-6)! }
    api = await startApi({}, { payloadKeys: [summer], temporal })
    plain = new Client({ connection: api.client.connection, namespace: temporal.namespace })
    resized = await api.finish(await order())
  })
  afterAll(async () => await api?.stop())
  afterEach(() => {
    process.exitCode = undefined
  })

  const order = async (more: object = {}) => ({
    ...{ type: 'resize', width: 12, metadata: { customer: 'canary-customer' } },
    ...{ input: { base64: await base64() }, ...more },
  })

  /** Everything that Temporal has about a job, as bytes, and decoded from base64, as in JSON. */
  async function keptOf(id: string): Promise<string> {
    const { namespace } = plain.options
    const history = History.encode(await plain.workflow.getHandle(id).fetchHistory()).finish()
    const described = DescribeWorkflowExecutionResponse.encode(
      await plain.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId: id } }),
    ).finish()
    return Buffer.concat([history, described]).toString('latin1')
  }

  it('leaves nothing of a job readable for Temporal, and responds as ever', async () => {
    expect(resized).toMatchObject({ status: 'succeeded', metadata: { customer: 'canary-customer' } })
    const kept = await keptOf(resized.id)
    for (const word of ['canary', 'uploads/', '"width"', '"params"']) expect(kept, word).not.toContain(word)
    // Type and status stay readable for queries.
    expect(kept).toContain('JobStatus')
    expect(kept).toContain('binary/encrypted')

    const listed = (await (await api.request('/v1/jobs?type=resize')).json()) as { data: Job[] }
    expect(listed.data.find(({ id }) => id === resized.id)?.metadata).toEqual(resized.metadata)
    const steps = await (await api.request(`/v1/jobs/${resized.id}/steps`)).json()
    expect(steps).toMatchObject({ data: [{ stage: 'resize', status: 'succeeded' }] })
  })

  it('reveals the messages of failures only to those with a key', async () => {
    const url = 'http://canary-host.invalid/photo.jpg'
    const answer = await api.post('/v1/jobs', await order({ input: { url } }), { Prefer: 'wait=30' })
    const job = (await answer.json()) as Job
    expect(job.status).toBe('failed')
    expect(job.error?.message).toBeTruthy()
    const kept = await keptOf(job.id)
    expect(kept).not.toContain('canary')
    expect(kept).not.toContain('http://')
    expect(kept).not.toContain(job.error!.message)
    expect(kept).toContain('Encoded failure')
    // The code stays readable, for programs and alerts.
    expect(kept).toContain(job.error!.code)
    const steps = await (await api.request(`/v1/jobs/${job.id}/steps`)).text()
    expect(steps).toContain(job.error!.message)
  })

  it('hides authors and their posts from Temporal', async () => {
    const { object } = await api.stack.upload(await picture())
    const post = { network: 'x', id: '77', url: 'https://canary.example/77', handle: 'canary_handle' }
    await createMosaicStarter({ client: api.client, store: api.store }).start({
      jobId: 'mosaic-x-77',
      source: { object },
      params: { library: 'nobody-has-this', cell: 32, distance: 5, quality: 80 },
      author: { name: 'Canary Name', handle: post.handle },
      post: { ...post, author: 'Canary Name', summonsUs: true },
    })
    await api.client.workflow
      .getHandle('mosaic-x-77')
      .result()
      .catch(() => {})
    const { params, status } = await api.job('mosaic-x-77')
    expect({ params, status }).toMatchObject({ params: { library: 'nobody-has-this' }, status: 'failed' })
    const kept = await keptOf('mosaic-x-77')
    for (const word of [/canary/i, /https?:/, /JobAuthor/, /nobody-has-this/]) expect(kept).not.toMatch(word)
    expect(kept).toContain('JobSource')
  })

  it('decodes for the Temporal Web UI and CLI', async () => {
    const history = await plain.workflow.getHandle(resized.id).fetchHistory()
    const { memo } = (JSON.parse(historyToJSON(history)) as HistoryJson).events[0]!
      .workflowExecutionStartedEventAttributes!
    const sealed = { payloads: Object.values(memo.fields) }
    const answer = await api.post('/codec/decode', sealed, { 'X-Namespace': plain.options.namespace })
    expect(answer.status).toBe(200)
    const { payloads } = (await answer.json()) as { payloads: { metadata: object; data: string }[] }
    const words = payloads.map(({ data }) => Buffer.from(data, 'base64').toString())
    expect(words).toContain('{"customer":"canary-customer"}')
    // And encodes, as `temporal workflow start --codec-endpoint` needs.
    const encoded = (await (await api.post('/codec/encode', { payloads })).json()) as object
    expect(JSON.stringify(encoded)).toContain(Buffer.from('binary/encrypted').toString('base64'))
    expect(await (await api.post('/codec/decode', encoded)).json()).toEqual({ payloads })

    const { site, stop } = await listen(api)
    const show = async (...more: string[]) => {
      const { path } = await findTemporal({ cacheDir: cacheFolder(), say: console.error })
      const where = ['--address', temporalAddress(), '--namespace', plain.options.namespace]
      const what = ['workflow', 'show', '--workflow-id', resized.id, '--output', 'json']
      return (await promisify(execFile)(path, [...what, ...where, ...more])).stdout
    }
    const told = Buffer.from('{"customer":"canary-customer"}').toString('base64')
    expect(await show()).not.toContain(told)
    expect(await show('--codec-endpoint', `${site}/codec`)).toContain(told)
    await stop()
  })

  it('continues jobs from before encryption, and across a change of keys', async () => {
    const id = newJobId('resize', Date.now())
    const params = { width: 12 }
    await plain.workflow.start(
      'resize',
      startOptions({
        ...{ id, type: 'resize', source: 'api', summary: 'resize', caller: 'ada' },
        arg: { source: await api.stack.upload(await picture()), params },
        memo: { params, metadata: { customer: 'canary-customer' } },
      }),
    )
    const job = await (await api.request(`/v1/jobs/${id}`, { headers: { Prefer: 'wait=30' } })).json()
    expect(job).toMatchObject({ status: 'succeeded', metadata: { customer: 'canary-customer' } })

    const withKeys = (keys: PayloadKey[]) =>
      api.with({ client: new Client({ ...plain.options, dataConverter: createDataConverter(keys) }) })
    expect(await withKeys([autumn, summer]).job(resized.id)).toEqual(resized)
    const answer = await withKeys([autumn]).request(`/v1/jobs/${resized.id}`)
    expect(await problemOf(answer)).toMatchObject({ status: 503, code: 'payload_unreadable' })
    expect(api.errors.at(-1)).toContain('PAYLOAD_KEYS')
    expect(api.errors.at(-1)).toContain('summer')
    expect(api.errors.at(-1)).not.toContain(summer.secret)
  })

  it('does its housekeeping without a lost key: keeps what cannot be read, and reports it', async () => {
    const lacking = new Client({ ...plain.options, dataConverter: createDataConverter([autumn]) })
    const bytes = new Uint8Array(await picture(31, 21))
    const sent = await api.request('/v1/uploads', { method: 'POST', body: bytes })
    const { upload: needed } = (await sent.json()) as { upload: string }
    const old = 'a'.repeat(64)
    await api.store.put('in', layout.upload(old).key, bytes)
    const url = 'http://canary-host.invalid/photo.jpg'
    const failing = await order({ input: { url }, watermark: { image: { upload: needed } } })
    const failed = await api.post('/v1/jobs', failing, { Prefer: 'wait=30' })
    const { id } = (await failed.json()) as Job
    const lasting = createLastingJobs(lacking)
    const seen = async () => {
      const found: LastingJob[] = []
      for await (const job of lasting.list()) if (job.id === id) found.push(job)
      return found
    }
    await expect
      .poll(seen, { timeout: 20_000 })
      .toMatchObject([{ id, unread: expect.stringContaining('"summer"') }])

    // Orders are not encrypted, which would help.
    const written = layout.order(id)
    await api.store.delete(written.bucket, written.key)
    const month = 30 * 86_400_000
    const { store } = api
    const ageing = {
      get: (...of) => store.get(...of),
      head: async (...of) => aged(await store.head(...of)),
      list: async (...of) => {
        const page = await store.list(...of)
        return { ...page, objects: page.objects.map((info) => aged(info)!) }
      },
      delete: (...of) => store.delete(...of),
    } as Partial<typeof store> as typeof store
    /** The old upload existed long before the job. */
    const aged = (info: ObjectInfo | undefined) =>
      info?.key.endsWith(old) ? { ...info, modifiedAt: new Date(Date.now() - month) } : info
    const expire = createExpireUploads({
      ...{ store: ageing, lastingJobs: lasting, now: () => Date.now() + month },
    })
    const sweep = { olderThanMs: 1000, kept: [] }
    const expired = (await new MockActivityEnvironment().run(expire, sweep)) as Awaited<
      ReturnType<typeof expire>
    >
    expect(expired.unread).toBeGreaterThan(0)
    expect(await store.head('in', layout.upload(needed).key)).toBeDefined()
    expect(await store.head('in', layout.upload(old).key)).toBeUndefined()

    const keepLedger = createKeepLedger({
      ...{ store, endedJobs: createEndedJobs(lacking), now: () => Date.now() + 120_000 },
    })
    const kept = (await new MockActivityEnvironment().run(keepLedger)) as Awaited<
      ReturnType<typeof keepLedger>
    >
    expect(kept.unread).toBeGreaterThan(0)
    const { objects } = await store.list('in', { prefix: layout.ledger.prefix.key })
    const pages = await Promise.all(objects.map(async ({ key }) => text((await store.get('in', key)).body)))
    const lines = pages.flatMap((page) => JSON.parse(page) as EndedJob[])
    expect(lines.find((line) => line.id === id)).toEqual({
      ...{ id, type: 'resize', status: 'failed', params: {} },
      ...{ createdAt: expect.any(String), completedAt: expect.any(String) },
    })
  })

  it('records them in the ledger, and replays their histories with the key', async () => {
    const { id } = resized
    const ended = createEndedJobs(api.client)
    const lines = async () => {
      const found: EndedJob[] = []
      for await (const line of ended.list(0, Date.now())) if (line.id === id) found.push(line)
      return found
    }
    await expect
      .poll(lines)
      .toMatchObject([{ status: 'succeeded', metadata: { customer: 'canary-customer' } }])

    const file = join(await scratchFolder(), 'history.json')
    await writeFile(file, historyToJSON(await plain.workflow.getHandle(id).fetchHistory()))
    const out: string[] = []
    vi.spyOn(console, 'log').mockImplementation((line) => void out.push(String(line)))
    vi.stubEnv('PAYLOAD_KEYS', `summer:${summer.secret}`)
    await main(['replay', '--history', file])
    expect(out[0]).toMatch(/replays all of its \d+ events/)
    vi.stubEnv('PAYLOAD_KEYS', `autumn:${autumn.secret}`)
    await main(['replay', '--history', file])
    expect(out[1]).toMatch(/cannot replay it \(payload_key_missing\): .*"summer".*autumn/s)
    expect(process.exitCode).toBe(1)
  })

  const ui = 'http://127.0.0.1:8233'
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type,x-namespace',
    },
  })

  it('lets pages of the Web UI decode, and of no other site', async () => {
    const environment = { ...api.deps.environment, corsOrigins: ['https://app.example'] }
    const open = api.with({ environment })
    const welcome = await open.request('/codec/decode', preflight(ui))
    expect(welcome.headers.get('Access-Control-Allow-Origin')).toBe(ui)
    expect(welcome.headers.get('Access-Control-Allow-Headers')).toContain('X-Namespace')
    const answer = await open.post('/codec/decode', { payloads: [] }, { Origin: ui })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(ui)
    expect(
      (await open.post('/codec/decode', { payloads: [] }, { Origin: 'http://localhost:8233' })).status,
    ).toBe(200)
    for (const origin of ['https://app.example', 'https://evil.example']) {
      const refused = await open.request('/codec/decode', preflight(origin))
      expect(refused.headers.get('Access-Control-Allow-Origin')).toBeNull()
      expect((await open.post('/codec/decode', { payloads: [] }, { Origin: origin })).status).toBe(403)
    }
  })

  it('decodes only for operators if there are keys', async () => {
    const [reader, operator] = ['reader-0123456789abcdef', 'operator-0123456789abcdef']
    const { apiKeys } = loadEnvironment({ API_KEYS: `r:submit+read:${reader},o:operate:${operator}` })
    const closed = api.with({ environment: { ...api.deps.environment, apiKeys, allowAnonymous: true } })
    const ask = async (key?: string) =>
      (await closed.post('/codec/decode', { payloads: [] }, key ? { Authorization: `Bearer ${key}` } : {}))
        .status
    expect([await ask(), await ask(reader), await ask(operator)]).toEqual([403, 403, 200])
  })

  it('decodes with a signed URL for a Web UI without a key, until it expires or its key is removed', async () => {
    const [reader, operator] = ['reader-0123456789abcdef', 'operator-0123456789abcdef']
    const keysOf = (list: string) => loadEnvironment({ API_KEYS: list }).apiKeys
    let now = Date.now()
    const linkKey = '11'.repeat(16)
    const withKeys = (list: string) =>
      api.with({
        now: () => now,
        environment: { ...api.deps.environment, linkKey, apiKeys: keysOf(list) },
      })
    const open = withKeys(`r:submit+read:${reader},o:operate:${operator}`)
    const sign = (key: string) =>
      open.post('/codec/links', { expires_in: 60 }, { Authorization: `Bearer ${key}` })
    expect((await sign(reader)).status).toBe(403)
    const signed = await sign(operator)
    expect(signed.status).toBe(201)
    const { endpoint } = (await signed.json()) as { endpoint: string }
    const decode = async (at: string, who = open, verb = 'decode') =>
      (await who.post(`${new URL(at).pathname}/${verb}`, { payloads: [] }, { Origin: ui })).status
    expect([await decode(endpoint), await decode(endpoint, open, 'encode')]).toEqual([200, 200])
    // With the CLI, too.
    const { site, stop } = await listen(open)
    const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    await main(['codec-url', '--url', site, '--api-key', operator, '--hours', '0.5', '--json'])
    await stop()
    const signedByCommand = JSON.parse(String(printed.mock.lastCall?.[0])) as { endpoint: string }
    expect(signedByCommand.endpoint).toContain(`${site}/codec/link/o/${Math.floor(now / 1000) + 1800}/`)
    expect(await decode(signedByCommand.endpoint)).toBe(200)
    // With a token of the Web UI's own users.
    const path = `${new URL(endpoint).pathname}/decode`
    const tokened = { Authorization: 'Bearer of-the-web-ui', Origin: ui }
    const answer = await open.post(path, { payloads: [] }, tokened)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(ui)
    expect((await open.post(path, { payloads: [] }, { Origin: 'https://evil.example' })).status).toBe(403)
    // Altered, for another name, without the scope or the key by now, at another path, too late.
    expect(await decode(endpoint.replace(/[\w-]{43}$/, 'A'.repeat(43)))).toBe(403)
    expect(await decode(endpoint.replace('/o/', '/r/'))).toBe(403)
    expect(await decode(endpoint, withKeys(`o:submit+read:${reader}`))).toBe(403)
    expect(await decode(endpoint, withKeys(`r:operate:${operator}`))).toBe(403)
    expect((await open.post(path.replace('/codec/', '/v1/'), { payloads: [] })).status).toBe(401)
    now += 61_000
    expect(await decode(endpoint)).toBe(410)
    expect(withoutSignature(path)).toMatch(/^\/codec\/link\/o\/\d+\/…\/decode$/)
  })

  it('decodes only on this machine if there are no keys', async () => {
    const http = { host: '0.0.0.0', port: 3000 }
    const beyond = api.with({ environment: { ...api.deps.environment, http, allowAnonymous: true } })
    const behindProxy = { ...api.deps.environment, publicUrl: 'https://mosaic.example' }
    for (const open of [beyond, api.with({ environment: behindProxy })]) {
      const answer = await open.post('/codec/decode', { payloads: [] })
      expect(answer.status).toBe(403)
      expect((await problemOf(answer)).detail).toMatch(/API_KEYS.* HOST .* PUBLIC_URL/)
    }
  })

  it.each([
    ['an unknown key', { 'encryption-key-id': 'winter' }, 'payload_key_missing', /"winter"/],
    ['no key', {}, 'payload_key_missing', /""/],
    [
      'a key that it was not encrypted with',
      { 'encryption-key-id': 'summer' },
      'payload_not_decrypted',
      /"summer"/,
    ],
  ])('rejects a payload that names %s', async (_, named, code, words) => {
    const metadata = Object.fromEntries(
      Object.entries({ encoding: 'binary/encrypted', ...named }).map(([name, value]) => [
        name,
        Buffer.from(value).toString('base64'),
      ]),
    )
    const answer = await api.post('/codec/decode', { payloads: [{ metadata, data: 'AAAA' }] })
    expect(answer.status).toBe(422)
    expect(await problemOf(answer)).toMatchObject({ code, detail: expect.stringMatching(words) })
  })

  it('says in the history, in plain text, which key a worker lacks', async () => {
    await api.stack.stopWorking()
    const said: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0)
    const { namespace } = plain.options
    const answer = await api.post('/v1/jobs', await order())
    const { id } = (await answer.json()) as Job
    const lacking = await startStack({
      payloadKeys: [autumn],
      temporal: { address: temporalAddress(), namespace },
    })
    const failures = async () =>
      ((await plain.workflow.getHandle(id).fetchHistory()).events ?? []).flatMap(
        ({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? [],
      )
    await expect
      .poll(failures)
      .toContainEqual(expect.stringMatching(/"summer", which is not in PAYLOAD_KEYS.*only has autumn/))
    // The other workers will do it.
    expect((await api.job(id)).status).toBe('queued')
    await lacking.stop()
    expect(said.join('')).toContain('encrypted with the key "summer", which is not in PAYLOAD_KEYS')
    await api.client.workflow.getHandle(id).terminate('the suite is over')
  })
})
