/** Tenants: isolation between callers, and limits per key. */
import { createHash } from 'node:crypto'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeepLedger } from '../../activities/keep-ledger.ts'
import { photoKey } from '../../activities/tile-library/index.ts'
import type { Job } from '../../api/client.ts'
import { createEndedJobs } from '../../workers/ended-jobs.ts'
import { type Api, base64, forgetfulClient, form, picture, problemOf, startApi } from '../api/api.ts'

const secret = (name: string) => `mmk_${name.padEnd(24, '0')}`
const bearer = (name: string) => ({ Authorization: `Bearer ${secret(name)}` })
const [ada, bob, reader, boss] = ['ada', 'bob', 'reader', 'boss'].map(bearer) as [
  ...Record<'Authorization', string>[],
] as [
  Record<'Authorization', string>,
  Record<'Authorization', string>,
  Record<'Authorization', string>,
  Record<'Authorization', string>,
]

let api: Api
let clock = 1_700_000_000_000
beforeAll(async () => {
  const started = await startApi({
    API_KEYS: [
      `ada:submit+read:${secret('ada')}`,
      `ada:submit+read:${secret('ada-2')}`,
      `bob:submit+read:${secret('bob')}`,
      `ada:read:${secret('reader')}`,
      `boss:submit+read+operate:${secret('boss')}`,
      `boss:submit+read:${secret('clerk')}`,
      secret('nameless'),
      `slow:submit+read:rate=3/m:${secret('slow')}`,
      `small:submit+read:bytes=1KiB:${secret('small')}`,
      `few:submit+read:jobs=2:${secret('few')}`,
      `linked:submit+read:rate=3/h:${secret('linked')}`,
      `giver:submit:${secret('giver')}`,
      `bound:submit+read:library=ours:${secret('bound')}`,
    ].join(','),
    LINK_KEY: 'ab'.repeat(16),
    CORS_ORIGINS: 'https://app.example',
  })
  api = started.with({ now: () => clock })
})
afterAll(async () => await api?.stop())

const resize = async (more: object = {}) => ({
  ...{ type: 'resize', width: 16, input: { base64: await base64() } },
  ...more,
})
async function made(who: Record<string, string>, body?: object, over = api): Promise<Job> {
  const answer = await over.post('/v1/jobs', body ?? (await resize()), { Prefer: 'wait=20', ...who })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Job
}
async function uploadOf(who: Record<string, string>): Promise<string> {
  const body = new Uint8Array(await picture(21, 20))
  const answer = await api.request('/v1/uploads', { method: 'POST', headers: who, body })
  return ((await answer.json()) as { upload: string }).upload
}
const ask = (path: string, headers: Record<string, string>, method = 'GET', over = api) =>
  over.request(path, { method, headers: { 'Content-Type': 'application/json', ...headers } })

describe("another caller's job", () => {
  let job: Job
  beforeAll(async () => {
    job = await made(ada)
  })

  it.each([
    ['GET', ''],
    ['GET', '/result'],
    ['GET', '/events'],
    ['GET', '/steps'],
    ['GET', '/files/first.jpg'],
    ['POST', '/cancel'],
    ['POST', '/replay'],
    ['POST', '/edits'],
    ['DELETE', ''],
  ])('does not exist: %s /v1/jobs/:id%s', async (method, below) => {
    const theirs = await ask(`/v1/jobs/${job.id}${below}`, bob, method)
    const nobodys = await ask(`/v1/jobs/resize-00000000000000000000000000${below}`, bob, method)
    expect(theirs.status).toBe(404)
    expect((await problemOf(theirs)).code).toBe('job_not_found')
    // Indistinguishable from one that never existed.
    expect((await nobodys.text()).replaceAll(/resize-\w+/g, 'ID')).toBe(
      JSON.stringify(await problemOf(await ask(`/v1/jobs/${job.id}${below}`, bob, method))).replaceAll(
        /resize-\w+/g,
        'ID',
      ),
    )
    expect((await ask(`/v1/jobs/${job.id}`, ada)).status).toBe(200)
  })

  it('does not exist for anonymous callers, nor in the old API', async () => {
    expect((await api.request(`/v1/jobs/${job.id}/result`)).status).toBe(404)
    expect((await api.request(`/v1/jobs/${job.id}`)).status).toBe(401)
    const old = await made(ada, await resize({ format: 'png' }))
    expect((await ask(`/api/${old.id}/`, ada)).status).toBe(200)
    expect((await ask(`/api/${old.id}/`, bob)).status).toBe(202)
  })

  it('is not in their lists, but in its owner’s, with any of the owner’s keys', async () => {
    const listed = async (who: Record<string, string>) =>
      ((await (await ask('/v1/jobs?limit=100', who)).json()) as { data: { id: string }[] }).data.map(
        ({ id }) => id,
      )
    await expect.poll(() => listed(bearer('ada-2'))).toContain(job.id)
    expect(await listed(boss)).toContain(job.id)
    expect(await listed(bob)).not.toContain(job.id)
  })

  it('keeps its owner when Temporal no longer has it, and when it is deleted', async () => {
    const gone = await made(ada)
    const later = api.with({ client: forgetfulClient(api) })
    expect((await ask(`/v1/jobs/${gone.id}`, ada, 'GET', later)).status).toBe(200)
    expect((await ask(`/v1/jobs/${gone.id}`, bob, 'GET', later)).status).toBe(404)
    expect((await ask(`/v1/jobs/${gone.id}`, ada, 'DELETE')).status).toBe(204)
    expect((await ask(`/v1/jobs/${gone.id}`, ada)).status).toBe(410)
    expect((await ask(`/v1/jobs/${gone.id}`, bob)).status).toBe(404)
  })

  it('is visible to operators', async () => {
    expect((await ask(`/v1/jobs/${job.id}`, boss)).status).toBe(200)
    expect((await ask(`/v1/jobs/${job.id}/result`, boss)).status).toBe(200)
  })

  it('is visible to other keys with the same name, whatever scopes they have', async () => {
    const bosses = await made(boss)
    expect((await ask(`/v1/jobs/${bosses.id}`, bearer('clerk'))).status).toBe(200)
    expect((await ask(`/v1/jobs/${bosses.id}`, ada)).status).toBe(404)
    const resized = await made(bearer('clerk'), await resize({ input: { upload: await uploadOf(boss) } }))
    expect(resized.status).toBe('succeeded')
  })

  it('cannot be found by its Idempotency-Key', async () => {
    const key = { 'Idempotency-Key': 'order 4711' }
    const [one, other] = [await made({ ...ada, ...key }), await made({ ...bob, ...key })]
    expect(one.id).not.toBe(other.id)
    expect((await ask(`/v1/jobs/${one.id}`, bob)).status).toBe(404)
  })
})

describe('a job without an owner', () => {
  const open = () => api.with({ environment: { ...api.deps.environment, allowAnonymous: true } })

  it('can be read by anonymous callers who know its ID, if these are allowed, and by no other key', async () => {
    const { id } = await made(bearer('nameless'))
    expect((await ask(`/v1/jobs/${id}`, {}, 'GET', open())).status).toBe(200)
    expect((await ask(`/v1/jobs/${id}`, ada)).status).toBe(404)
  })

  it('can only be changed by operators', async () => {
    const { id } = await made(bearer('nameless'))
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', '/cancel'],
      ['POST', '/replay'],
    ]) {
      const refused = await ask(`/v1/jobs/${id}${path}`, {}, method, open())
      expect(await problemOf(refused), path).toMatchObject({ status: 403, code: 'insufficient_scope' })
    }
    expect((await open().post('/v1/links', { action: 'delete', job: id })).status).toBe(404)
    expect((await ask(`/v1/jobs/${id}`, bearer('nameless'), 'DELETE')).status).toBe(204)
  })

  it('has no preview if a moderator must approve it', async () => {
    const path = '/v1/jobs/mosaic-x-4711/preview'
    const environment = { ...api.deps.environment, moderate: ['mosaics' as const] }
    const moderated = api.with({ environment })
    const codes = [
      await api.request(path),
      await moderated.request(path),
      await ask(path, boss, 'GET', moderated),
    ]
    expect(await Promise.all(codes.map(async (answer) => (await problemOf(answer)).code))).toEqual([
      'job_not_found',
      'not_finished',
      'job_not_found',
    ])
  })

  it('is not in the lists of anonymous callers once Temporal no longer has it', async () => {
    const [theirs, own] = [await made(bearer('nameless')), await made({}, await resize(), open())]
    // Temporal's lists are eventually consistent.
    const ended = `WorkflowId IN ('${theirs.id}', '${own.id}') AND ExecutionStatus = 'Completed'`
    await expect.poll(async () => (await api.client.workflow.count(ended)).count).toBe(2)
    const endedJobs = createEndedJobs(api.client)
    const keep = createKeepLedger({ store: api.store, endedJobs, now: () => Date.now() + 120_000 })
    await new MockActivityEnvironment().run(keep)
    const later = open().with({ client: forgetfulClient(api) })
    const listed = async (who: Record<string, string>) =>
      (
        (await (await ask('/v1/jobs?limit=100', who, 'GET', later)).json()) as { data: { id: string }[] }
      ).data.map(({ id }) => id)
    expect(await listed(boss)).toEqual(expect.arrayContaining([theirs.id, own.id]))
    // Other suites leave jobs of anonymous callers in this namespace.
    expect(await listed({})).toContain(own.id)
    expect(await listed({})).not.toContain(theirs.id)
  })
})

describe("another caller's upload", () => {
  it('cannot be used although its hash is known; an own upload of the same bytes can', async () => {
    const bytes = new Uint8Array(await picture(50, 40))
    const upload = async (who: Record<string, string>) =>
      (
        (await (await api.request('/v1/uploads', { method: 'POST', headers: who, body: bytes })).json()) as {
          upload: string
        }
      ).upload
    const hash = await upload(ada)
    const use = async (who: Record<string, string>) =>
      await api.post('/v1/jobs', await resize({ input: { upload: hash } }), who)
    expect((await use(ada)).status).toBe(202)
    expect((await problemOf(await use(bob))).code).toBe('upload_not_found')
    const inBulk = await api.post('/v1/bulk', { width: 9, input: { uploads: [{ upload: hash }] } }, bob)
    expect(await problemOf(inBulk)).toMatchObject({ status: 422, code: 'upload_not_found' })
    const tiles = await api.post('/v1/tiles', { library: 'bobs', sources: [{ upload: hash }] }, bob)
    expect((await problemOf(tiles)).code).toBe('upload_not_found')
    expect(await upload(bob)).toBe(hash)
    expect((await use(bob)).status).toBe(202)
  })

  it('cannot be reached through a bucket prefix', async () => {
    const body = { width: 9, input: { prefix: { bucket: 'in', prefix: 'bulk/' } } }
    expect(await problemOf(await api.post('/v1/bulk', body, bob))).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
    })
  })
})

describe('a scope', () => {
  it.each([
    ['read', 'starts no job', () => api.post('/v1/jobs', {}, reader), 403],
    ['read', 'deletes none', () => ask('/v1/jobs/resize-a', reader, 'DELETE'), 403],
    ['read', 'looks ahead', () => api.post('/v1/previews', {}, reader), 415],
    ['read', 'lists', () => ask('/v1/jobs', reader), 200],
    ['submit', 'starts no collector', () => api.post('/v1/collectors', {}, ada), 403],
    ['submit', 'sees no costs', () => ask('/v1/spending', ada), 403],
    ['submit', 'decides no answer', () => api.post('/v1/jobs/mosaic-a/publish', {}, ada), 403],
    ['operate', 'sees the costs', () => ask('/v1/spending', boss), 200],
  ])('%s %s', async (_, __, call, status) => {
    const answer = await call()
    expect(answer.status).toBe(status)
    if (status === 403) {
      expect((await problemOf(answer)).code).toBe('insufficient_scope')
      expect(answer.headers.get('WWW-Authenticate')).toContain('error="insufficient_scope"')
    }
  })
})

describe('a key has limits', () => {
  it('of requests: 429 with Retry-After', async () => {
    const slow = bearer('slow')
    for (let n = 0; n < 3; n++) expect((await ask('/v1/jobs', slow)).status).toBe(200)
    const refused = await ask('/v1/jobs', slow)
    expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'too_many_requests' })
    expect(refused.headers.get('Retry-After')).toBe('20')
    expect((await ask('/v1/jobs', ada)).status).toBe(200)
    clock += 20_000
    expect((await ask('/v1/jobs', slow)).status).toBe(200)
    expect((await ask('/v1/jobs', slow)).status).toBe(429)
  })

  it('of bytes, with and without Content-Length', async () => {
    const answer = await api.post('/v1/jobs', { metadata: { a: 'x'.repeat(2_000) } }, bearer('small'))
    expect(await problemOf(answer)).toMatchObject({ status: 413, code: 'body_too_large' })
    const stream = new Blob([new Uint8Array(2_000)]).stream()
    const streamed = { method: 'POST', headers: bearer('small'), body: stream, duplex: 'half' }
    expect((await api.request('/v1/uploads', streamed as RequestInit)).status).toBe(413)
  })

  it('of open jobs', async () => {
    // URLs that never load: addresses of this machine are not fetched, and the step is retried.
    const job = async () =>
      await resize({ input: { url: 'http://nowhere.invalid:81/a.jpg' }, webhook: undefined })
    const answers = []
    for (let n = 0; n < 3; n++) answers.push(await api.post('/v1/jobs', await job(), bearer('few')))
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 429])
    expect(answers[2]!.headers.get('Retry-After')).toBe('5')
    expect((await problemOf(answers[2]!)).code).toBe('too_many_jobs')
    // Left open, they would disturb suites that count open jobs.
    for (const answer of answers.slice(0, 2)) {
      const { id } = (await answer.json()) as Job
      expect((await ask(`/v1/jobs/${id}`, bearer('few'), 'DELETE')).status).toBe(204)
    }
  })
})

describe('a key for one tile library', () => {
  const bound = bearer('bound')
  const tiles = async (library: string, who: Record<string, string>) =>
    await api.post('/v1/tiles', { library, sources: [{ base64: await base64() }] }, who)
  const codeOf = async (answer: Response) => (await problemOf(answer)).code
  beforeAll(async () => {
    for (const library of ['ours', 'theirs']) {
      const { id } = (await (await tiles(library, boss)).json()) as { id: string }
      await api.client.workflow.getHandle(id).result()
    }
  })

  it('can add to it and read it, and no other', async () => {
    expect((await tiles('ours', bound)).status).toBe(202)
    const listed = await (await ask('/v1/tiles', bound)).text()
    expect(listed).toContain('"ours"')
    expect(listed).not.toContain('theirs')
    expect(await (await ask('/v1/tiles', ada)).text()).toContain('theirs')
    for (const library of ['ours', 'starter'])
      expect((await ask(`/v1/tiles/${library}`, bound)).status).toBe(200)
    const id = 'a'.repeat(64)
    for (const below of ['', '/events', `/${id}/picture`]) {
      const refused = await ask(`/v1/tiles/theirs${below}`, bound)
      expect([refused.status, await codeOf(refused)], below).toEqual([403, 'insufficient_scope'])
    }
    const sheet = await api.post('/v1/tiles/theirs/sheet', { tiles: [id] }, bound)
    expect(await codeOf(sheet)).toBe('insufficient_scope')
    // Nobody may change the shared one.
    for (const library of ['theirs', 'nobodys', 'starter'])
      expect(await codeOf(await tiles(library, bound)), library).toBe('insufficient_scope')
    const photos = form({ image: await picture(), job: '{"library":"theirs"}' })
    expect(await codeOf(await api.request('/v1/tiles', { ...photos, headers: bound }))).toBe(
      'insufficient_scope',
    )
  })

  it('gets pictures that shared caches must not keep', async () => {
    const photos = api.with({
      tilePhoto: (library, tile) => ({ bucket: 'raw', key: photoKey(library, tile) }),
    })
    const tile = createHash('sha256')
      .update(await picture())
      .digest('hex')
    const own = await ask(`/v1/tiles/ours/${tile}/picture`, bound, 'GET', photos)
    expect([own.status, own.headers.get('Cache-Control')]).toEqual([200, 'private, max-age=3600'])
  })

  it('can make mosaics and previews from it, and from no other', async () => {
    const mosaic = async (library: string, who = bound) =>
      await api.post(
        '/v1/jobs',
        { type: 'mosaic', library, distance: 0, input: { base64: await base64() } },
        who,
      )
    const preview = async (library: string) => {
      const body = form({ image: await picture(), job: JSON.stringify({ library }) })
      return await api.request('/v1/previews', { ...body, headers: bound })
    }
    for (const library of ['theirs', 'nobodys']) {
      expect(await codeOf(await mosaic(library)), library).toBe('insufficient_scope')
      expect(await codeOf(await preview(library)), library).toBe('insufficient_scope')
    }
    const own = await mosaic('ours')
    expect(own.status).toBe(202)
    const { id } = (await own.json()) as { id: string }
    const changed = await api.post(`/v1/jobs/${id}/replay`, { params: { library: 'theirs' } }, bound)
    expect(await codeOf(changed)).toBe('insufficient_scope')
    await ask(`/v1/jobs/${id}`, bound, 'DELETE')
  })
})

describe('a signed link', () => {
  const link = async (body: object, who = ada) => {
    const answer = await api.post('/v1/links', body, who)
    return {
      status: answer.status,
      ...((await answer.json()) as { url: string; method: string; expires_at: string }),
    }
  }
  const local = (url: string) => new URL(url).pathname + new URL(url).search

  it('uploads a picture on behalf of its creator', async () => {
    const { url, method } = await link({ action: 'upload' })
    const bytes = new Uint8Array(await picture(33, 22))
    const answer = await api.request(local(url), { method, body: bytes })
    expect(answer.status).toBe(201)
    const { upload } = (await answer.json()) as { upload: string }
    expect((await api.post('/v1/jobs', await resize({ input: { upload } }), ada)).status).toBe(202)
    expect((await api.post('/v1/jobs', await resize({ input: { upload } }), bob)).status).toBe(422)
  })

  it('grants no more than the key that signed it', async () => {
    const giver = bearer('giver')
    const started = await api.post('/v1/jobs', await resize(), giver)
    const { id } = (await started.json()) as Job
    expect(await link({ action: 'fetch', job: id }, giver)).toMatchObject({
      ...{ status: 403, code: 'insufficient_scope' },
    })
    // Not even if the key had more scopes when it signed.
    const signed = await link({ action: 'delete', job: id }, giver)
    const apiKeys = api.deps.environment.apiKeys.map((key) =>
      key.tenant === 'giver' ? { ...key, scopes: ['read'] as const } : key,
    )
    const later = api.with({ environment: { ...api.deps.environment, apiKeys } })
    const refused = await later.request(local(signed.url), { method: 'DELETE' })
    expect(await problemOf(refused)).toMatchObject({ status: 403, code: 'invalid_signature' })
    expect((await api.request(local(signed.url), { method: 'DELETE' })).status).toBe(204)
    const { url } = await link({ action: 'upload' }, bearer('small'))
    const large = { method: 'POST', body: new Uint8Array(2_000) }
    expect(await problemOf(await api.request(local(url), large))).toMatchObject({
      status: 413,
      code: 'body_too_large',
    })
    const rated = await link({ action: 'upload' }, bearer('linked'))
    const statuses = []
    for (let n = 0; n < 3; n++)
      statuses.push((await api.request(local(rated.url), { method: 'POST', body: 'x' })).status)
    // The link used one of the three requests.
    expect(statuses).toEqual([422, 422, 429])
  })

  it('works for callers without a key, if these are allowed', async () => {
    const open = api.with({ environment: { ...api.deps.environment, allowAnonymous: true } })
    const answer = await open.post('/v1/links', { action: 'upload' })
    const { url } = (await answer.json()) as { url: string }
    const body = new Uint8Array(await picture(12, 12))
    expect((await open.request(local(url), { method: 'POST', body })).status).toBe(201)
    expect((await api.request(local(url), { method: 'POST', body })).status).toBe(403)
  })

  it('fetches one result and deletes one job, and nothing else', async () => {
    const [job, other] = [await made(ada), await made(ada)]
    const fetched = await link({ action: 'fetch', job: job.id })
    expect((await api.request(local(fetched.url))).status).toBe(200)
    expect((await api.request(local(fetched.url).replace(job.id, other.id))).status).toBe(403)
    expect((await api.request(local(fetched.url), { method: 'DELETE' })).status).toBe(401)
    expect((await api.request(local(fetched.url).replace('/result', '/steps'))).status).toBe(401)
    const removed = await link({ action: 'delete', job: job.id })
    expect((await api.request(local(removed.url), { method: 'DELETE' })).status).toBe(204)
    expect((await ask(`/v1/jobs/${job.id}`, ada)).status).toBe(410)
  })

  it('is only valid until it expires, for its tenant, and for its tenant’s jobs', async () => {
    const job = await made(ada)
    const { url } = await link({ action: 'fetch', job: job.id, expires_in: 60 })
    expect((await api.request(local(url).replace('for=ada', 'for=bob'))).status).toBe(403)
    expect((await api.request(local(url).replace(/expires=\d+/, 'expires=9999999999'))).status).toBe(403)
    clock += 61_000
    expect(await problemOf(await api.request(local(url)))).toMatchObject({
      status: 410,
      code: 'link_expired',
    })
    expect((await link({ action: 'delete', job: job.id }, bob)).status).toBe(404)
    expect((await link({ action: 'delete', job: job.id, expires_in: 700_000 })).status).toBe(422)
  })

  it('requires LINK_KEY, and ends with its creator’s keys', async () => {
    const { url } = await link({ action: 'upload' })
    const { linkKey: _, ...environment } = api.deps.environment
    const off = api.with({ environment })
    expect((await problemOf(await off.post('/v1/links', { action: 'upload' }, ada))).code).toBe('links_off')
    const without = environment.apiKeys.filter(({ tenant }) => tenant !== 'ada')
    const later = api.with({ environment: { ...api.deps.environment, apiKeys: without } })
    expect((await later.request(local(url), { method: 'POST', body: 'x' })).status).toBe(403)
  })
})

describe('pages of other sites', () => {
  const preflight = (origin: string) =>
    api.request('/v1/jobs', {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    })

  it('can call the API if they are listed, and read the necessary headers', async () => {
    const allowed = await preflight('https://app.example')
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('Access-Control-Allow-Origin')).toBe('https://app.example')
    expect(allowed.headers.get('Access-Control-Allow-Headers')).toContain('Idempotency-Key')
    const paths = Object.values(
      ((await (await api.request('/openapi.json')).json()) as { paths: Record<string, object> }).paths,
    )
    const methods = allowed.headers.get('Access-Control-Allow-Methods')?.split(',')
    for (const method of new Set(paths.flatMap((path) => Object.keys(path))))
      expect(methods).toContain(method.toUpperCase())
    const answer = await ask('/v1/jobs', { ...ada, Origin: 'https://app.example' })
    expect(answer.headers.get('Access-Control-Expose-Headers')).toContain('Retry-After')
    expect(answer.headers.get('Access-Control-Allow-Credentials')).toBeNull()
  })

  it('cannot read anything if they are not', async () => {
    expect((await preflight('https://evil.example')).headers.get('Access-Control-Allow-Origin')).toBeNull()
    const refused = await api.post('/v1/jobs', {}, { Origin: 'https://app.example.evil.example' })
    expect((await problemOf(refused)).code).toBe('cross_site_request')
    // Signatures only count where links lead.
    const open = api.with({ environment: { ...api.deps.environment, apiKeys: [] } })
    for (const path of ['/v1/jobs?signature=x', '/v1/jobs/resize-a/cancel?signature=x&for=ada&expires=9'])
      expect(
        await problemOf(await open.post(path, {}, { 'Sec-Fetch-Site': 'cross-site' })),
        path,
      ).toMatchObject({ status: 403, code: 'cross_site_request' })
  })
})

it('every response carries security headers', async () => {
  const job = await made(ada)
  const answers = await Promise.all([
    ask(`/v1/jobs/${job.id}`, ada),
    ask(`/v1/jobs/${job.id}/result`, ada),
    ask('/v1/jobs/nonsense', ada),
    api.request('/v1/jobs'),
    api.request('/nothing'),
    api.request('/healthz'),
    api.request('/metrics'),
    api.request('/docs'),
    api.request('/openapi.json'),
    api.post('/v1/jobs', '{', ada),
    api.request('/v1/jobs', form({ job: 'x' })),
  ])
  for (const { headers, url } of answers) {
    expect(headers.get('X-Content-Type-Options'), url).toBe('nosniff')
    expect(headers.get('X-Frame-Options'), url).toBe('DENY')
    expect(headers.get('Content-Security-Policy'), url).toContain("frame-ancestors 'none'")
    expect(headers.get('Referrer-Policy'), url).toMatch(/no-referrer|same-origin/)
  }
  const https = api.with({ environment: { ...api.deps.environment, publicUrl: 'https://m.example' } })
  expect((await https.request('/healthz')).headers.get('Strict-Transport-Security')).toContain('max-age=')
})
