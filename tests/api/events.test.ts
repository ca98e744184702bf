/** Watching a job over a socket, as browsers do. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient, type Job } from '../../api/client.ts'
import { createJobEvents, type JobEvent } from '../../api/jobs/job-events.ts'
import { photo } from '../workflows/pictures.ts'
import { type Api, base64, listen, startApi } from './api.ts'

let api: Api
let site: string
let stop: (() => Promise<void>) | undefined
beforeAll(async () => {
  api = await startApi()
  ;({ site, stop } = await listen(api))
})
afterAll(async () => {
  await stop?.()
  await api?.stop()
})

async function start(body: object): Promise<Job> {
  const answer = await api.post('/v1/jobs', body)
  return (await answer.json()) as Job
}

interface Told {
  event: string
  id: string
  job: Job
}

async function watch(id: string, headers: Record<string, string> = {}): Promise<Told[]> {
  const answer = await fetch(`${site}/v1/jobs/${id}/events`, { headers })
  expect(answer.headers.get('Content-Type')).toContain('text/event-stream')
  const text = await answer.text()
  return text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
      return { event: field('event'), id: field('id'), job: JSON.parse(field('data')) as Job }
    })
}

it('sends every watcher each change, the final state last, and then closes', async () => {
  const images = { library: 'nothing-there', sources: [{ base64: await base64(48, 48) }] }
  const tiles = (await (await api.post('/v1/tiles', images)).json()) as Job
  const [one, other] = await Promise.all([watch(tiles.id), watch(tiles.id)])
  for (const told of [one, other]) {
    expect(told?.at(-1)).toMatchObject({ event: 'done', job: { status: 'succeeded' } })
    expect(told?.slice(0, -1).every(({ event }) => event === 'progress')).toBe(true)
    expect(new Set(told?.map(({ id }) => id)).size).toBe(told?.length)
  }
  // Half a picture is only detected when it is decoded: a failed job ends the same way.
  const half = Buffer.from((await photo(400, 300)).subarray(0, 3000)).toString('base64')
  const job = await start({ type: 'resize', width: 8, input: { base64: half } })
  const told = await watch(job.id)
  expect(told.at(-1)).toMatchObject({
    event: 'done',
    job: { status: 'failed', error: { code: 'image_truncated' } },
  })
})

it('resumes after the last seen event, and says if that was the final one', async () => {
  const job = await start({ type: 'resize', width: 8, input: { base64: await base64() } })
  const first = (await watch(job.id)).at(-1)
  expect(first?.event).toBe('done')
  const resumed = await watch(job.id, { 'Last-Event-ID': 'something-older' })
  expect(resumed).toEqual([first])
  const done = await fetch(`${site}/v1/jobs/${job.id}/events`, {
    headers: { 'Last-Event-ID': first?.id ?? '' },
  })
  expect(done.status).toBe(204)
})

it('polls once for all watchers, and stops when the last one leaves', async () => {
  let asked = 0
  const state = (status: Job['status']): JobEvent => ({ id: `${status} ${asked}`, job: { status } as Job })
  const events = createJobEvents(async () => {
    asked += 1
    return state(asked < 20 ? 'processing' : 'succeeded')
  }, 5)
  const ends = Array.from({ length: 10 }, () => new AbortController())
  const streams = ends.map(async (end) => {
    const seen: string[] = []
    for await (const event of events.follow('mosaic-a', 'http://x', end.signal)) {
      seen.push(event.job.status)
      if (seen.length === 3) end.abort()
    }
    return seen.length
  })
  expect(events.watched).toBe(1)
  expect(await Promise.all(streams)).toEqual(Array(10).fill(3))
  expect(asked).toBeLessThan(8)
  expect(events.watched).toBe(0)
})

it('is typed from end to end', async () => {
  const mosaicme = createClient(site)
  const answer = await mosaicme.v1.jobs.$post({
    json: { type: 'resize', width: 9, input: { base64: await base64() } },
    header: { prefer: 'wait=20' },
  })
  if (!answer.ok) throw new Error((await answer.json()).detail)
  const job = await answer.json()
  expect(job).toMatchObject({ type: 'resize', status: 'succeeded' })
  const found = await mosaicme.v1.jobs[':id'].$get({ param: { id: job.id }, header: {} })
  if (found.status !== 200) throw new Error(`expected a job, got ${found.status}`)
  const same: Job = await found.json()
  expect(same.id).toBe(job.id)
  const list = await mosaicme.v1.gallery.$get({ query: { limit: '3' } })
  expect(list.status).toBe(200)
})
