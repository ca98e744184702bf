/** Replaying failed jobs over HTTP, with all workers. */
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { listTiles, removeTiles } from '../../activities/tile-library/index.ts'
import { openReviewQueue } from '../../adapters/moderation/review-queue.ts'
import { ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import type { Job, JobSummary, Review } from '../../api/client.ts'
import { main } from '../../cli/main.ts'
import { printed } from '../cli/printed.ts'
import { temporalAddress, testNamespaces } from '../servers/temporal.ts'
import { photo } from '../workflows/pictures.ts'
import type { Stack } from '../workflows/stack.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'
import { type Api, base64, forgetfulClient, form, listen, problemOf, startApi } from './api.ts'

let api: Api & { stack: Stack }
/** The store's error for the upload step, while it is set. */
let fault: Error | undefined
const denied = new ObjectStoreError('access_denied', 'The bucket is locked.')
/** The upload step waits for it. */
let gate: Promise<void> | undefined
/** Whether a library loses a tile as soon as a plan uses it. */
let leaks = false
/** The same when the mosaic is composed: so many times. */
let leaksLate = 0
async function leak(key: string): Promise<void> {
  const { body } = await api.store.get('in', key)
  const { tiles } = JSON.parse((await buffer(body)).toString()) as { tiles: { used: { id: string }[] } }
  await removeTiles({ store: api.store, library: 'leaky', tileIds: [tiles.used[0]!.id] })
}
/** Suffixes of keys written by steps. */
let puts: string[] = []

beforeAll(async () => {
  api = await startApi(
    {},
    {
      // A separate namespace, because a batch replays everything that failed there.
      temporal: { address: temporalAddress(), namespace: testNamespaces.at(-2)! },
      wrapStore: (store) => {
        const copy = store.copy.bind(store)
        store.copy = async (...args) => {
          await gate
          if (fault) throw fault
          return await copy(...args)
        }
        const put = store.put.bind(store)
        store.put = async (bucket, key, ...rest) => {
          puts.push(`${bucket}/${key}`)
          const done = await put(bucket, key, ...rest)
          if (leaks && key.endsWith('/plan.json')) await leak(key)
          if (leaksLate > 0 && key.endsWith('/small.jpg')) {
            leaksLate--
            await leak(key.replace('small.jpg', 'plan.json'))
          }
          return done
        }
        return store
      },
    },
  )
  for (const library of ['small', 'leaky']) await addStripedTiles(api.store, library)
})
afterAll(async () => await api?.stop())
beforeEach(() => {
  fault = undefined
  gate = undefined
  leaks = false
  leaksLate = 0
  puts = []
})

const mosaic = async (more: object = {}) => ({
  type: 'mosaic',
  library: 'small',
  cell: 16,
  scale: 2,
  distance: 1,
  input: { base64: Buffer.from(await photo()).toString('base64') },
  ...more,
})

async function failedMosaics(count: number): Promise<Job[]> {
  fault = denied
  const jobs = await Promise.all(Array.from({ length: count }, async () => api.finish(await mosaic())))
  for (const { status } of jobs) expect(status).toBe('failed')
  fault = undefined
  return jobs
}
const failedMosaic = async () => (await failedMosaics(1))[0]!

const replay = (id: string) => api.request(`/v1/jobs/${id}/replay`, { method: 'POST' })
const ended = async (id: string) =>
  (await (await api.request(`/v1/jobs/${id}`, { headers: { Prefer: 'wait=30' } })).json()) as Job

/** Scheduled steps of the job's current run, in order. */
async function ordered(id: string): Promise<string[]> {
  const { events } = await api.client.workflow.getHandle(id).fetchHistory()
  return events!.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [])
}

async function runsOf(id: string): Promise<string[]> {
  const runs: string[] = []
  for await (const { status } of api.client.workflow.list({ query: `WorkflowId = '${id}'` }))
    runs.push(status.name)
  return runs
}

it('plans again for a mosaic whose plans all lost tiles', async () => {
  leaks = true
  const failed = await api.finish(await mosaic({ library: 'leaky' }))
  const plans = ['tileMatch', 'compose']
  expect(await ordered(failed.id)).toEqual(['download', ...plans, ...plans, ...plans, 'keepRecord'])
  expect(failed).toMatchObject({
    status: 'failed',
    error: { code: 'tile_missing', stage: 'compose', retryable: true },
  })
  leaks = false
  expect((await replay(failed.id)).status).toBe(202)
  expect(await ended(failed.id)).toMatchObject({ id: failed.id, status: 'succeeded' })
  expect((await ordered(failed.id)).slice(0, 4)).toEqual(['download', ...plans, 'thumbnail'])
})

it('plans a mosaic anew whose tiles are removed before it is published', async () => {
  leaksLate = 1
  const job = await api.finish(await mosaic({ library: 'leaky' }))
  expect(job).toMatchObject({ status: 'succeeded', error: null })
  const steps = ['tileMatch', 'compose', 'thumbnail', 'upload']
  expect(await ordered(job.id)).toEqual(['download', ...steps, ...steps, 'cache', 'discardWork'])
  const plan = (await (await api.request(`/v1/jobs/${job.id}/files/plan.json`)).json()) as {
    tiles: { used: { id: string }[] }
  }
  const left = (await listTiles({ store: api.store, library: 'leaky' })).map(({ id }) => id)
  expect(left).toEqual(expect.arrayContaining(plan.tiles.used.map(({ id }) => id)))
})

it('asks a moderator about every plan, and publishes none because of a decision about another', async () => {
  leaksLate = 3
  const { source, ...params } = {
    ...{ library: 'leaky', cell: 16, scale: 2, distance: 1, quality: 85 },
    // Another photo than that of other tests, whose upload this would replace by one without its size.
    source: await api.stack.upload(await photo(180, 120)),
  }
  const handle = await api.stack.start('mosaic', { source, params, review: true })
  const { workflowId: id } = handle
  /** The question about this mosaic, once it is another one than before. */
  const question = (before?: Review) =>
    vi.waitUntil(
      async () => {
        const { data } = (await (await api.request('/v1/moderation')).json()) as { data: Review[] }
        return data.find((one) => one.id === id && one.urls.approve !== before?.urls.approve)
      },
      { timeout: 30_000, interval: 100 },
    )
  const press = (url: string) => api.request(url.slice(new URL(url).origin.length), { method: 'POST' })

  const first = await question()
  expect((await press(first.urls.approve)).status).toBe(202)
  const second = await question(first)
  expect(await problemOf(await press(first.urls.approve))).toMatchObject({ code: 'review_not_found' })
  expect((await press(second.urls.approve)).status).toBe(202)
  const third = await question(second)
  const queue = openReviewQueue(api.store)
  const stale = (await queue.get(id))!
  expect((await press(third.urls.approve)).status).toBe(202)
  await expect(handle.result()).rejects.toThrow()
  expect(await api.job(id)).toMatchObject({ error: { code: 'tile_missing' } })

  // As if the API had died before it took the picture out of the queue.
  await queue.ask(stale)
  expect((await replay(id)).status).toBe(202)
  const last = await question(third)
  const again = api.client.workflow.getHandle(id)
  const { events } = await again.fetchHistory()
  expect(events!.filter((event) => event.workflowExecutionSignaledEventAttributes)).toEqual([])
  // Of two decisions, the one about its picture counts.
  await again.signal('moderate', { approved: false, etag: stale.picture.etag })
  expect((await press(last.urls.approve)).status).toBe(202)
  expect(await ended(id)).toMatchObject({ status: 'succeeded' })
})

describe('a failed mosaic', () => {
  let failed: Job
  let done: Job
  let statuses: number[]
  let before: string[]
  let written: string[]
  beforeAll(async () => {
    failed = await failedMosaic()
    before = await ordered(failed.id)
    puts = []
    const answers = await Promise.all(Array.from({ length: 20 }, () => replay(failed.id)))
    statuses = answers.map(({ status }) => status)
    done = await ended(failed.id)
    written = puts
  })

  it('has a replay link while it has failed', () => {
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'access_denied', stage: 'upload', retryable: false },
      urls: { replay: `${failed.urls.self}/replay` },
    })
    expect(done.urls).not.toHaveProperty('replay')
  })

  it('is finished by a replay under its own ID, with its original creation time', () => {
    expect(done).toMatchObject({ id: failed.id, status: 'succeeded', error: null, params: failed.params })
    expect(done).toMatchObject({ created_at: failed.created_at, started_at: failed.started_at })
    expect(done.result).toMatchObject({ large: { width: 320, height: 240 } })
  })

  it('repeats only unfinished steps', async () => {
    const steps = ['download', 'tileMatch', 'compose', 'thumbnail', 'upload']
    expect(before).toEqual([...steps, 'keepRecord'])
    expect(await ordered(failed.id)).toEqual([...steps, 'cache', 'discardWork'])
    // The results of the first four steps are in `in`: none were written again.
    expect(written.filter((place) => place.startsWith('in/'))).toEqual([])
    expect(written).toContain(`small/${failed.id}.json`)
  })

  it('has its original date in the record', async () => {
    const { body } = await api.store.get('small', `${failed.id}.json`)
    const record = JSON.parse((await buffer(body)).toString()) as { date: string }
    expect(Math.abs(Date.parse(record.date) - Date.parse(failed.created_at))).toBeLessThan(1_000)
  })

  it('is replayed once by twenty concurrent requests', async () => {
    expect(statuses).toEqual(Array(20).fill(202))
    await expect.poll(async () => (await runsOf(failed.id)).sort()).toEqual(['COMPLETED', 'FAILED'])
  })

  it('still shows how it failed before', () => {
    expect(failed).not.toHaveProperty('earlier_runs')
    expect(done.earlier_runs).toEqual([
      {
        started_at: failed.created_at,
        completed_at: failed.completed_at,
        error: failed.error,
        temporal: failed.urls.temporal,
      },
    ])
  })

  it('is listed once, and not as failed', async () => {
    const listed = async (query: string) => {
      const answer = await api.request(`/v1/jobs?type=mosaic&limit=100${query}`)
      const { data } = (await answer.json()) as { data: JobSummary[] }
      return data.filter(({ id }) => id === failed.id).map(({ status }) => status)
    }
    expect(await listed('')).toEqual(['succeeded'])
    expect(await listed('&status=failed')).toEqual([])
  })

  it('cannot be replayed once it has succeeded', async () => {
    expect(await problemOf(await replay(failed.id))).toMatchObject({ status: 409, code: 'not_failed' })
  })

  it('is deleted with all its runs', async () => {
    // Temporal deletes it half a minute later.
    const asked = vi.spyOn(api.client.workflowService, 'deleteWorkflowExecution')
    expect((await api.request(done.urls.self, { method: 'DELETE' })).status).toBe(204)
    const runs = asked.mock.calls.map(([request]) => request.workflowExecution?.runId)
    for (const { temporal = '' } of [...(done.earlier_runs ?? []), done.urls])
      expect(runs).toContain(temporal.split('/').at(-2))
    expect(await problemOf(await replay(failed.id))).toMatchObject({ status: 410, code: 'job_deleted' })
  })
})

describe('a replay', () => {
  it('can fail again, and can then be repeated', async () => {
    const { id } = await failedMosaic()
    fault = denied
    expect((await replay(id)).status).toBe(202)
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { stage: 'upload' } })
    fault = undefined
    expect((await replay(id)).status).toBe(202)
    const done = await ended(id)
    expect(done).toMatchObject({ status: 'succeeded' })
    expect(done.earlier_runs).toHaveLength(2)
    expect(await ordered(id)).toEqual([
      ...['download', 'tileMatch', 'compose', 'thumbnail', 'upload', 'cache', 'discardWork'],
    ])
  })

  it('of a running job is a no-op', async () => {
    const { id } = await failedMosaic()
    let open = () => {}
    gate = new Promise((resolve) => {
      open = resolve
    })
    try {
      const first = (await (await replay(id)).json()) as Job
      expect(first).toMatchObject({ status: 'processing' })
      const second = await replay(id)
      expect(second.status).toBe(202)
      expect(((await second.json()) as Job).urls.temporal).toBe(first.urls.temporal)
    } finally {
      open()
    }
    expect(await ended(id)).toMatchObject({ status: 'succeeded' })
    expect(await runsOf(id)).toHaveLength(2)
  })

  it('resumes at the step that was running when the job was terminated', async () => {
    let open = () => {}
    gate = new Promise((resolve) => {
      open = resolve
    })
    const { id } = (await (await api.post('/v1/jobs', await mosaic())).json()) as Job
    await expect.poll(async () => (await api.job(id)).progress.stage, { timeout: 15_000 }).toBe('upload')
    const handle = api.client.workflow.getHandle(id)
    await handle.terminate('by hand')
    open()
    const failed = await api.job(id)
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'terminated', retryable: true } })
    puts = []
    expect((await replay(id)).status).toBe(202)
    expect(await ended(id)).toMatchObject({ status: 'succeeded' })
    expect(puts.filter((place) => place.startsWith('in/'))).toEqual([])
  })

  it('starts a job that was terminated before a worker had started it', async () => {
    const job = await api.client.workflow.start('mosaic', {
      workflowId: 'mosaic-that-waits',
      taskQueue: 'served-by-nobody',
    })
    await job.terminate('by hand')
    const answer = await replay(job.workflowId)
    expect(answer.status).toBe(202)
    expect(await answer.json()).toMatchObject({ status: 'queued' })
    await expect.poll(async () => (await api.job(job.workflowId)).earlier_runs?.length).toBe(1)
    await api.request(`/v1/jobs/${job.workflowId}`, { method: 'DELETE' })
  })

  it('of a resize that fails again says why', async () => {
    const half = (await photo(400, 300)).subarray(0, 3_000)
    const job = await api.finish({
      type: 'resize',
      width: 32,
      input: { base64: Buffer.from(half).toString('base64') },
    })
    const answer = await replay(job.id)
    expect(answer.status).toBe(202)
    expect(answer.headers.get('Location')).toBe(job.urls.self)
    expect(await ended(job.id)).toMatchObject({ status: 'failed', error: job.error })
  })

  it('of an unknown job is a 404', async () => {
    for (const id of ['mosaic-nobody', 'nonsense'])
      expect(await problemOf(await replay(id))).toMatchObject({ status: 404, code: 'job_not_found' })
  })

  it('of a successful job beyond Temporal’s retention is a 409', async () => {
    const job = await api.finish({ type: 'resize', width: 9, input: { base64: await base64() } })
    const later = api.with({ client: forgetfulClient(api) })
    const answer = await later.request(`/v1/jobs/${job.id}/replay`, { method: 'POST' })
    expect(await problemOf(answer)).toMatchObject({ status: 409, code: 'not_failed' })
  })
})

describe('a replay with other parameters', () => {
  const change = (id: string, params: object, headers: Record<string, string> = {}) =>
    api.post(`/v1/jobs/${id}/replay`, { params }, headers)

  it('is a new job with the same picture that names its parent, which stays unchanged', async () => {
    const old = await api.finish(await mosaic({ author: { handle: 'ann' } }))
    const answer = await change(old.id, { scale: 1, quality: null }, { 'Idempotency-Key': 'smaller' })
    expect(answer.status).toBe(202)
    const { id } = (await answer.json()) as Job
    expect(answer.headers.get('Location')).toContain(id)
    const made = await ended(id)
    expect(made).toMatchObject({ status: 'succeeded', parent: old.id })
    expect(made.params).toEqual({ ...old.params, scale: 1, quality: 90 })
    expect(made.result).toMatchObject({ large: { width: 160, height: 128 } })
    expect(await api.job(old.id)).toEqual(old)
    const repeated = await change(old.id, { scale: 1, quality: null }, { 'Idempotency-Key': 'smaller' })
    expect(((await repeated.json()) as Job).id).toBe(id)
  })

  it('keeps the mask from the form, and the layout', async () => {
    const mask = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
      .extend({ left: 8, background: '#000' })
      .png()
      .toBuffer()
    const { input: _, ...job } = await mosaic({ layout: 'quadtree', detail: 0 })
    const asked = await api.request(
      '/v1/jobs',
      form({ job: JSON.stringify(job), image: await photo(), mask }),
    )
    expect(asked.status).toBe(202)
    const old = await ended(((await asked.json()) as Job).id)
    expect(old).toMatchObject({
      status: 'succeeded',
      params: {
        layout: 'quadtree',
        detail: 0,
        mask: { object: { key: expect.stringContaining('uploads/') } },
      },
      result: { cells: { columns: 20, rows: 15 } },
    })
    const { id } = (await (await change(old.id, { detail: 100 })).json()) as Job
    const made = await ended(id)
    expect(made.params).toEqual({ ...old.params, detail: 100 })
    const count = ({ result }: Job) => (result as { cells: { count: number } }).cells.count
    expect(count(made)).toBeGreaterThan(count(old))
    expect(count(made)).toBeLessThanOrEqual(150)
  })

  it('takes the picture of a watermark along', async () => {
    const watermark = { image: { base64: await base64(8, 8, 'png') }, size: 0.5 }
    const old = await api.finish({ type: 'resize', width: 20, input: { base64: await base64() }, watermark })
    const answer = await change(old.id, { width: 30 })
    expect(answer.status).toBe(202)
    const made = await ended(((await answer.json()) as Job).id)
    expect(made).toMatchObject({ status: 'succeeded', params: { ...old.params, width: 30 } })
  })

  it('is refused as a new job would be', async () => {
    const { id } = await api.finish(await mosaic())
    expect(await problemOf(await change(id, { cell: 1 }))).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/params/cell' }],
    })
    expect(await problemOf(await change(id, { distance: 500 }))).toMatchObject({ code: 'library_too_small' })
    expect(await problemOf(await api.post(`/v1/jobs/${id}/replay`, { quality: 1 }))).toMatchObject({
      code: 'invalid_request',
    })
  })
})

describe('a failed job beyond Temporal’s retention', () => {
  it('is read from its record, and can no longer be replayed', async () => {
    const failed = await failedMosaic()
    const later = api.with({ client: forgetfulClient(api) })
    const { earlier_runs: _, ...told } = await later.job(failed.id)
    const { urls, progress, created_at, started_at, completed_at, ...same } = failed
    expect(told).toMatchObject(same)
    expect(Date.parse(told.created_at)).toBeCloseTo(Date.parse(created_at), -4)
    expect(Date.parse(told.completed_at!)).toBeCloseTo(Date.parse(completed_at!), -4)
    const answer = await later.request(`/v1/jobs/${failed.id}/replay`, { method: 'POST' })
    expect(await problemOf(answer)).toMatchObject({ status: 409, code: 'history_gone' })

    await replay(failed.id)
    expect(await ended(failed.id)).toMatchObject({ status: 'succeeded' })
    expect(await later.job(failed.id)).toMatchObject({ status: 'succeeded', error: null })
    expect((await later.request(`/v1/jobs/${failed.id}`, { method: 'DELETE' })).status).toBe(204)
    expect(await api.store.head('in', `jobs/${failed.id}.json`)).toBeUndefined()
  })
})

describe('mosaicme replay', () => {
  let site: string
  let stop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    ;({ site, stop } = await listen(api))
  })
  afterAll(async () => await stop?.())

  const { out, err } = printed()
  async function run(...argv: string[]): Promise<number> {
    out.length = 0
    process.exitCode = undefined
    await main(['replay', ...argv, '--url', site])
    return Number(process.exitCode ?? 0)
  }
  const batch = async (...argv: string[]) => {
    const code = await run('--failed', '--type', 'mosaic', '--json', ...argv)
    return { code, ...(JSON.parse(out[0] ?? '') as Batch) }
  }
  interface Batch {
    dry_run: boolean
    more: boolean
    jobs: { id: string; refused?: { code: string } }[]
    left: { id: string }[]
  }

  it('replays one job and follows it', async () => {
    const { id } = await failedMosaic()
    expect(await run(id, '--wait')).toBe(0)
    expect(out.join('\n')).toContain(`${id}: succeeded`)
    expect(await run(id)).toBe(1)
    expect(err.join('\n')).toMatch(/Only failed jobs can be replayed: .* has succeeded/)
  })

  it('lists the failed jobs, then replays them, and then has nothing to do', async () => {
    const failed = await failedMosaics(3)
    const ids = failed.map(({ id }) => id).sort()

    // Lists are eventually consistent.
    await expect.poll(async () => (await batch('--all')).jobs.map(({ id }) => id).sort()).toEqual(ids)
    const dry = await batch('--all')
    expect(dry).toMatchObject({ code: 0, dry_run: true, more: false, left: [] })
    expect(dry.jobs.map(({ id }) => id).sort()).toEqual(ids)
    for (const id of ids) expect(await api.job(id)).toMatchObject({ status: 'failed' })

    // A failure that is not retryable is skipped by default.
    expect(await batch('--yes')).toMatchObject({ jobs: [], left: { length: 3 } })
    expect(await batch('--all', '--limit', '2')).toMatchObject({ jobs: { length: 2 }, more: true })
    expect(await batch('--all', '--since', '0s')).toMatchObject({ jobs: [] })

    expect(await run('--failed', '--all', '--type', 'mosaic')).toBe(0)
    expect(out).toContain(`would replay ${ids[0]}, failed at upload: The bucket is locked. (access_denied)`)
    expect(out.at(-1)).toBe('3 to replay; add --yes to do it.')

    const [did, again] = await Promise.all([batch('--all', '--yes'), replay(ids[0]!)])
    expect(did).toMatchObject({ code: 0, dry_run: false })
    expect(again.status).toBe(202)
    for (const id of ids) expect(await ended(id)).toMatchObject({ status: 'succeeded' })
    for (const id of ids) expect(await runsOf(id)).toHaveLength(2)
    expect(await batch('--all', '--yes')).toMatchObject({ code: 0, jobs: [] })
  })

  it.each([
    ['nothing', [], /the ID of a job, --failed, or --history/],
    ['two things', ['mosaic-a', '--failed'], /the ID of a job, --failed, or --history/],
    ['a job that is not there', ['mosaic-a'], /There is no job with the ID/],
  ])('rejects %s with a message', async (_, argv, sentence) => {
    expect(await run(...argv)).toBe(1)
    expect(err.join('\n')).toMatch(sentence)
  })
})
