import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Api, base64, startApiWithoutWorkers } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await startApiWithoutWorkers()
})
afterAll(async () => await api?.stop())

it('the old API answers for a queued job as for an unknown one', async () => {
  const started = await api.post('/api/', { image: await base64(8, 8), width: 5, height: 5 })
  expect(started.status).toBe(201)
  const answer = await api.request(`/api/${started.headers.get('identifier')}/`)
  expect([answer.status, await answer.text()]).toEqual([202, '{"status":"not found"}\n'])
})
