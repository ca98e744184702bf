/** Jobs without workers: how the API describes and stops them. */
import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job, JobSummary } from '../../api/client.ts'
import { suiteNamespace, temporalAddress } from '../servers/temporal.ts'
import { type Api, base64, forgetfulClient, problemOf, startApiWithoutWorkers } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApiWithoutWorkers()
})
afterAll(async () => await api?.stop())

async function queue(more: object = {}, headers: Record<string, string> = {}): Promise<Job> {
  const body = { type: 'mosaic', input: { base64: await base64() }, ...more }
  const answer = await api.post('/v1/jobs', body, headers)
  expect(answer.status).toBe(202)
  return (await answer.json()) as Job
}

describe('a queued job', () => {
  it('is queued, with all defaults filled in', async () => {
    const job = await queue()
    expect(await api.job(job.id)).toMatchObject({
      status: 'queued',
      progress: { stage: 'queued', done: 0, total: 0, step: 0, steps: 0 },
      params: { library: 'starter', cell: 32, distance: 5, quality: 90 },
      started_at: null,
      completed_at: null,
      result: null,
      error: null,
    })
  })

  it('returns 202 when the wait is over', async () => {
    const startedAt = performance.now()
    const answer = await api.post(
      '/v1/jobs',
      { type: 'resize', width: 8, input: { base64: await base64() } },
      { Prefer: 'respond-async, wait=1' },
    )
    expect(answer.status).toBe(202)
    expect(answer.headers.get('Preference-Applied')).toBe('wait=1')
    expect(performance.now() - startedAt).toBeGreaterThan(900)
    const { id } = (await answer.json()) as Job
    const found = await api.request(`/v1/jobs/${id}`, { headers: { Prefer: 'wait=1' } })
    expect(await found.json()).toMatchObject({ status: 'queued' })
    expect(performance.now() - startedAt).toBeGreaterThan(1900)
  })

  it('returns in time even over the connection that workers share', async () => {
    const connection = await NativeConnection.connect({ address: temporalAddress() })
    const embedded = api.with({ client: new Client({ connection, namespace: suiteNamespace() }) })
    const job = await queue()
    const startedAt = performance.now()
    const found = await embedded.request(job.urls.self, { headers: { Prefer: 'wait=1' } })
    expect(await found.json()).toMatchObject({ status: 'queued' })
    // That connection notices an abort only when the server ends its long poll, 20 s later.
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    await connection.close()
  })

  it('has no result yet', async () => {
    const job = await queue()
    const answer = await api.request(job.urls.result ?? '')
    expect(await problemOf(answer)).toMatchObject({ status: 409, code: 'not_finished' })
    expect(answer.headers.get('Retry-After')).toBe('5')
  })

  it('ends as failed if it is terminated', async () => {
    const job = await queue()
    await api.client.workflow.getHandle(job.id).terminate('enough of it')
    expect(await api.job(job.id)).toMatchObject({
      status: 'failed',
      error: { code: 'terminated', message: expect.stringContaining('enough of it'), retryable: true },
    })
  })

  it('can be deleted although no worker notices its cancellation', async () => {
    const job = await queue()
    const answer = await api.request(job.urls.self, { method: 'DELETE' })
    expect(answer.status).toBe(204)
    expect(await problemOf(await api.request(job.urls.self))).toMatchObject({ code: 'job_deleted' })
  })
})

describe('the list', () => {
  it('finds jobs by type and status, page by page, each once', async () => {
    const ids = new Set<string>()
    for (let i = 0; i < 5; i++) ids.add((await queue({ metadata: { run: 'list' } })).id)
    const all = async (query: string) => {
      const found: JobSummary[] = []
      let next: string | null = null
      do {
        const answer = await api.request(`/v1/jobs?limit=2&${query}${next ? `&after=${next}` : ''}`)
        const page = (await answer.json()) as { data: JobSummary[]; has_more: boolean; next: string | null }
        expect(page.data.length).toBeLessThanOrEqual(2)
        expect(page.has_more).toBe(page.next !== null)
        found.push(...page.data)
        next = page.next
      } while (next !== null)
      return found
    }
    await expect
      .poll(async () => {
        const queued = await all('type=mosaic&status=queued')
        return queued.filter(({ metadata }) => metadata?.run === 'list').map(({ id }) => id)
      })
      .toEqual(expect.arrayContaining([...ids]))
    const queued = await all('type=mosaic&status=queued')
    expect(new Set(queued.map(({ id }) => id)).size).toBe(queued.length)
    expect(queued[0]).toMatchObject({
      type: 'mosaic',
      status: 'queued',
      params: { cell: 32 },
      completed_at: null,
    })
    expect((await all('type=tiles')).filter(({ type }) => type !== 'tiles')).toEqual([])
    expect((await all('status=succeeded')).filter(({ status }) => status !== 'succeeded')).toEqual([])
  })
})

describe('readiness', () => {
  it('names the queues without workers', async () => {
    // Temporal lists pollers for a while; here there never were any.
    const answer = await api.with({ client: forgetfulClient(api) }).request('/readyz')
    expect(answer.status).toBe(503)
    const { ready, reason, checks } = (await answer.json()) as {
      ready: boolean
      reason: string
      checks: Record<string, object>
    }
    expect(ready).toBe(false)
    expect(reason).toMatch(/^workers: no worker polls .*orchestration.*compose/)
    expect(checks).toMatchObject({
      temporal: { ok: true },
      'object store': { ok: true },
      'gallery cache': { ok: true },
    })
  })
})

it('accepts no more jobs than the limit', async () => {
  const { environment } = api.deps
  const tight = api.with({ environment: { ...environment, limits: { ...environment.limits, openJobs: 1 } } })
  const body = { type: 'mosaic', input: { base64: await base64() } }
  await queue()
  const refused = async () => {
    const answer = await tight.post('/v1/jobs', body)
    return { status: answer.status, retry: answer.headers.get('Retry-After') }
  }
  await expect.poll(refused, { timeout: 5000 }).toEqual({ status: 429, retry: '10' })
})

it('logged no errors', () => {
  expect(api.errors).toEqual([])
})
