/** The list of jobs beyond Temporal's retention. */
import { createHash } from 'node:crypto'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeepLedger } from '../../activities/keep-ledger.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { Job, JobSummary } from '../../api/client.ts'
import { createEndedJobs } from '../../workers/ended-jobs.ts'
import { createKnownJobs } from '../../workers/known-jobs.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import { temporalAddress, testNamespaces } from '../servers/temporal.ts'
import { photo } from '../workflows/pictures.ts'
import { type Api, base64, forgetfulClient, startApi } from './api.ts'

let api: Api
/** The same with an empty Temporal. */
let later: Api
/** In order of their ends. */
const jobs: Job[] = []
beforeAll(async () => {
  // A separate list, without other suites' jobs.
  const temporal = { address: temporalAddress(), namespace: testNamespaces.at(-5)! }
  api = await startApi({}, { temporal })
  later = api.with({ client: forgetfulClient(api) })
  const resize = { type: 'resize', width: 8, input: { base64: await base64() }, metadata: { order: '7' } }
  const half = Buffer.from((await photo(400, 300)).subarray(0, 3000)).toString('base64')
  for (const body of [resize, { ...resize, input: { base64: half } }, { ...resize, width: 9 }])
    jobs.push(await api.finish(body))
})
afterAll(async () => {
  await api?.stop()
})

/** Runs the Schedule's step as if two minutes had passed. */
async function keepLedger(): Promise<number> {
  const endedJobs = createEndedJobs(api.client)
  const step = createKeepLedger({ store: api.store, endedJobs, now: () => Date.now() + 120_000 })
  return ((await new MockActivityEnvironment().run(step)) as { kept: number }).kept
}

async function list(over: Api, query: string): Promise<{ data: JobSummary[]; next: string | null }> {
  const answer = await over.request(`/v1/jobs?${query}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as { data: JobSummary[]; next: string | null }
}
async function listAll(over: Api, query: string): Promise<string[]> {
  const ids: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const page = await list(over, `${query}${after && `&after=${encodeURIComponent(after)}`}`)
    ids.push(...page.data.map(({ id }) => id))
    after = page.next
  }
  return ids
}

describe('the ledger', () => {
  const ours = (ids: string[]) => ids.filter((id) => jobs.some((job) => job.id === id))
  const newestFirst = () => jobs.map(({ id }) => id).toReversed()

  it('is written by a workflow, for jobs that ended more than a minute ago', async () => {
    const run = { taskQueue: taskQueues.orchestration, workflowId: `ledger-${Date.now()}` }
    expect(await api.client.workflow.execute('ledger', run)).toEqual({ kept: 0 })
  })

  it('is written once', async () => {
    const ended = () =>
      api.client.workflow.count("ExecutionStatus IN ('Completed', 'Failed') AND WorkflowType = 'resize'")
    await expect.poll(async () => (await ended()).count).toBeGreaterThanOrEqual(3)
    expect(await keepLedger()).toBeGreaterThanOrEqual(3)
    expect(await keepLedger()).toBe(0)
  })

  it('omits jobs that Temporal still lists', async () => {
    expect(ours(await listAll(api, 'limit=2'))).toEqual(newestFirst())
  })

  it('continues where Temporal’s list ends, by type and status, page by page', async () => {
    for (const limit of [1, 2, 3, 100])
      expect(ours(await listAll(later, `limit=${limit}`)), `${limit}`).toEqual(newestFirst())
    expect(ours(await listAll(later, 'limit=100&status=failed'))).toEqual([jobs[1]!.id])
    expect(ours(await listAll(later, 'limit=1&type=mosaic'))).toEqual([])
    const [known, told] = await Promise.all(
      [api, later].map(async (over) =>
        (await list(over, 'limit=100')).data.find(({ id }) => id === jobs[0]!.id),
      ),
    )
    const { temporal: _, ...urls } = known!.urls
    expect(told).toEqual({ ...known, urls })
  })

  it('omits deleted jobs', async () => {
    expect((await api.request(`/v1/jobs/${jobs[0]!.id}`, { method: 'DELETE' })).status).toBe(204)
    expect(ours(await listAll(later, 'limit=2'))).toEqual([jobs[2]!.id, jobs[1]!.id])
  })

  const cursor = (place: string) => {
    const text = `l${Buffer.from(place).toString('base64url')}`
    return `${text}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
  }

  it('rejects invented cursors', async () => {
    const forged = Buffer.from('{"page":"../../secret","line":0}').toString('base64url')
    expect((await api.request(`/v1/jobs?after=l${forged}.00000000`)).status).toBe(422)
    // With a valid checksum, which is no secret.
    const { end } = layout.ledger
    const page = layout.ledger.page(1).key
    for (const place of [
      ...['nonsense', '[]', '{"line":"end"}', '{"line":-1}', `{"page":"${page}","line":0.5}`],
      ...[`{"page":"${end.key}","line":0}`, `{"page":"../../secret","line":0}`],
    ]) {
      const answer = await api.request(`/v1/jobs?after=${cursor(place)}`)
      expect([place, answer.status]).toEqual([place, 422])
    }
    const gone = await api.request(`/v1/jobs?after=${cursor(`{"page":"${page}","line":0}`)}`)
    expect(await gone.json()).toEqual({ data: [], has_more: false, next: null })
    expect(api.errors).toEqual([])
  })
})

it('Temporal is asked for jobs by their IDs, and says which ones it has never heard of', async () => {
  const { knows } = createKnownJobs(api.client)
  // Not the first: a test above deletes it, which Temporal does a moment later.
  expect(await Promise.all([knows(jobs[2]!.id), knows('mosaic-nobody')])).toEqual([true, false])
})

it('does not tell of a failure after which a job has succeeded', async () => {
  const line = { createdAt: '2026-01-01T00:00:00Z', completedAt: '2026-01-01T00:00:01Z', params: {} }
  const put = ({ bucket, key }: layout.Place, value: unknown) =>
    api.store.put(bucket, key, Buffer.from(JSON.stringify(value)))
  const ids = ['mosaic-failed', 'mosaic-replayed']
  const lines = ids.map((id) => ({ ...line, id, type: 'mosaic', status: 'failed' }))
  await put(layout.ledger.page(5), lines)
  for (const id of ids) await put(layout.jobRecord(id), {})
  await put(layout.mosaic.record('mosaic-replayed'), {})
  const told = await listAll(later, 'limit=100&type=mosaic&status=failed')
  expect(told.filter((id) => ids.includes(id))).toEqual(['mosaic-failed'])
})

it('forgets how an import failed that was replayed and has succeeded: it has no result that would say so', async () => {
  const { bucket, key } = layout.jobRecord('tiles-replayed')
  await api.store.put(bucket, key, Buffer.from('{"status":"failed"}'))
  const at = new Date(Date.now() + 3_600_000).toISOString()
  const ended = {
    id: 'tiles-replayed',
    type: 'tiles',
    status: 'succeeded',
    createdAt: at,
    completedAt: at,
  } as const
  const endedJobs = {
    count: async () => 1,
    async *list() {
      yield { ...ended, params: {} }
    },
  }
  const step = createKeepLedger({ store: api.store, endedJobs, now: () => Date.now() + 7_200_000 })
  await new MockActivityEnvironment().run(step)
  expect(await api.store.head(bucket, key)).toBeUndefined()
})
