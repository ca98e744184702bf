/** Many mosaics that fail at different steps, and one command that finishes them all. `BATCH=100` for the long form. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import type { Job } from '../../api/client.ts'
import { main } from '../../cli/main.ts'
import { temporalAddress, testNamespaces } from '../servers/temporal.ts'
import { photo } from '../workflows/pictures.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'
import { type Api, listen, startApi } from './api.ts'

const count = Number(process.env.BATCH ?? 8)
/** Suffix of the key that each step writes, so that the store can fail it. */
const writes = { 'tile-match': '/plan.json', compose: '/large.jpg', thumbnail: '/small.jpg' } as const
const steps = [...Object.keys(writes), 'upload'] as const

let api: Api
let site: string
let stop: (() => Promise<void>) | undefined
let faulty = false
/** The failing step by job: spread evenly, in whatever order jobs arrive. */
const fails = new Map<string, string>()
const stepOf = (job: string) => {
  const known = fails.get(job) ?? steps[fails.size % steps.length]!
  fails.set(job, known)
  return known
}

beforeAll(async () => {
  api = await startApi(
    {},
    {
      temporal: { address: temporalAddress(), namespace: testNamespaces.at(-3)! },
      wrapStore: (store) => {
        const put = store.put.bind(store)
        store.put = async (bucket, key, ...rest) => {
          const job = /^(mosaic-[^/.]+)\//.exec(key)?.[1]
          // Other keys must not take a job's turn in `fails`.
          const step = job === undefined ? undefined : stepOf(job)
          if (
            step !== undefined &&
            faulty &&
            step !== 'upload' &&
            key === `${job}${writes[step as keyof typeof writes]}`
          )
            throw locked()
          return await put(bucket, key, ...rest)
        }
        const copy = store.copy.bind(store)
        store.copy = async (...args) => {
          if (faulty) throw locked()
          return await copy(...args)
        }
        return store
      },
    },
  )
  await addStripedTiles(api.store)
  ;({ site, stop } = await listen(api))
})
afterAll(async () => {
  await stop?.()
  await api?.stop()
})

const locked = () => new ObjectStoreError('access_denied', 'The bucket is locked.')

/** Steps completed in all runs of a job, without the copies that a reset makes of earlier ones. */
async function finishedSteps(id: string): Promise<string[]> {
  const finished = new Map<string, string>()
  for await (const { runId } of api.client.workflow.list({ query: `WorkflowId = '${id}'` })) {
    const { events } = await api.client.workflow.getHandle(id, runId).fetchHistory()
    for (const event of events ?? []) {
      const done = event.activityTaskCompletedEventAttributes
      const scheduled = events?.find(({ eventId }) => String(eventId) === String(done?.scheduledEventId))
      const name = scheduled?.activityTaskScheduledEventAttributes?.activityType?.name
      // A reset run starts with copies of earlier events, with the same timestamps.
      if (name) finished.set(`${event.eventTime?.seconds}.${event.eventTime?.nanos} ${name}`, name)
    }
  }
  return [...finished.values()].sort()
}

it(`finishes ${count} mosaics with one command, and no finished step runs again`, {
  timeout: 600_000,
}, async () => {
  const request = {
    type: 'mosaic',
    library: 'small',
    cell: 16,
    scale: 2,
    distance: 1,
    input: { base64: Buffer.from(await photo()).toString('base64') },
  }
  faulty = true
  const failed = await Promise.all(Array.from({ length: count }, () => api.finish(request)))
  expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(['failed']))
  expect(new Set(failed.map(({ error }) => error?.stage))).toEqual(new Set(steps))
  faulty = false
  // The command reads the list, which learns of an end a moment after the job's own watchers.
  const listed = () => api.client.workflow.count("ExecutionStatus = 'Failed'")
  await expect.poll(async () => (await listed()).count).toBe(count)

  vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
  await main(['replay', '--failed', '--since', '1h', '--all', '--limit', '200', '--yes', '--url', site])
  process.exitCode = undefined

  for (const { id } of failed) {
    const answer = await api.request(`/v1/jobs/${id}`, { headers: { Prefer: 'wait=60' } })
    expect(((await answer.json()) as Job).status).toBe('succeeded')
    expect(await finishedSteps(id), id).toEqual([
      'cache',
      'compose',
      'discardWork',
      'download',
      'keepRecord',
      'thumbnail',
      'tileMatch',
      'upload',
    ])
  }
})
