/** Expiry: a Schedule removes old results, and their jobs are gone. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expiryInterval, expiryScheduleId, keepExpirySchedule } from '../../cli/schedules.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import { type Api, base64, forgetfulClient, picture, problemOf, startApi } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(async () => {
  await keepExpirySchedule(api.client, {})
  await api?.stop()
})

const resize = async () =>
  await api.finish({
    type: 'resize',
    input: { base64: await base64(31, 17) },
    outputs: [{ name: 'a', width: 9 }],
  })
const bulk = async () => {
  await api.store.put('in', 'bulk/expiry/a.jpg', await picture(20, 20))
  const body = { input: { prefix: { bucket: 'in', prefix: 'bulk/expiry/' } }, width: 10 }
  const { id } = (await (await api.post('/v1/bulk', body)).json()) as { id: string }
  await api.request(`/v1/jobs/${id}`, { headers: { Prefer: 'wait=20' } })
  return id
}
const expire = async (olderThanMs: number) =>
  (await api.client.workflow.execute('expireResults', {
    workflowId: `expire-${olderThanMs}-${Math.random()}`,
    taskQueue: taskQueues.orchestration,
    args: [{ olderThanMs }],
  })) as { jobs: number; others: number }
const stored = async (prefix: string) =>
  (await api.store.list('small', { prefix })).objects.map(({ key }) => key)
const answer = async (path: string, who: Api = api) => {
  const found = await who.request(path)
  return [found.status, found.status < 400 ? undefined : (await problemOf(found)).code]
}

it('keeps young results, removes old ones, and remembers that they existed', async () => {
  const [{ id }, many] = [await resize(), await bulk()]
  expect(await expire(3_600_000)).toEqual({ jobs: 0, others: 0 })
  expect(await answer(`/v1/jobs/${id}/result`)).toEqual([200, undefined])

  const { jobs, others } = await expire(-1_000)
  expect({ jobs, others }).toEqual({ jobs: 2, others: 1 })
  expect(await stored('')).toEqual([])
  for (const job of [id, many])
    for (const path of [`/v1/jobs/${job}`, `/v1/jobs/${job}/result`])
      for (const who of [api, api.with({ client: forgetfulClient(api) })])
        expect(await answer(path, who), path).toEqual([410, 'job_expired'])
  expect(await expire(-1_000)).toEqual({ jobs: 0, others: 0 })
  // Made again, not read from the stale cache.
  expect((await resize()).status).toBe('succeeded')
})

it('a bulk job can still be read when Temporal no longer has it', async () => {
  const id = await bulk()
  const found = await api.with({ client: forgetfulClient(api) }).request(`/v1/jobs/${id}`)
  expect(await found.json()).toMatchObject({
    type: 'bulk',
    status: 'succeeded',
    result: { items: 1, succeeded: 1 },
  })
})

it('the Schedule matches the environment', async () => {
  const handle = api.client.schedule.getHandle(expiryScheduleId)
  await keepExpirySchedule(api.client, {})
  await expect(handle.describe()).rejects.toThrow()
  const daily = { olderThanMs: 86_400_000 }
  await Promise.all([keepExpirySchedule(api.client, daily), keepExpirySchedule(api.client, daily)])
  expect((await handle.describe()).spec.intervals).toMatchObject([{ every: 3_600_000 }])
  await keepExpirySchedule(api.client, { olderThanMs: 600_000 })
  const { spec, action } = await handle.describe()
  expect(spec.intervals).toMatchObject([{ every: 60_000 }])
  expect(action).toMatchObject({ workflowType: 'expireResults', args: [{ olderThanMs: 600_000 }] })
})

it('the Schedule starts the workflow that removes results', async () => {
  const { id } = await resize()
  await keepExpirySchedule(api.client, { olderThanMs: 1 })
  await api.client.schedule.getHandle(expiryScheduleId).trigger()
  await expect
    .poll(async () => await answer(`/v1/jobs/${id}`), { timeout: 20_000 })
    .toEqual([410, 'job_expired'])
})

it.each([
  [600_000, 60_000],
  [3_600_000, 360_000],
  [86_400_000 * 30, 3_600_000],
])('results kept for %i ms are checked every %i ms', (kept, every) => {
  expect(expiryInterval(kept)).toBe(every)
})
