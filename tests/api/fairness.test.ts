/** Fairness between callers: one with ten times the work waits for it, not everybody else. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Job } from '../../api/client.ts'
import { photo } from '../workflows/pictures.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'
import { type Api, startApi } from './api.ts'

const keys = { busy: 'key-of-the-busy-caller', modest: 'key-of-the-modest-caller' }
let api: Api
let release: () => void
/** Jobs in the order in which tile-match completed. */
const matched: string[] = []
const gate = new Promise<void>((resolve) => {
  release = resolve
})

beforeAll(async () => {
  api = await startApi(
    { API_KEYS: Object.values(keys).join(','), ALLOW_ANONYMOUS: 'true' },
    {
      wrapStore: (store) => {
        const put = store.put.bind(store)
        store.put = async (bucket, key, ...rest) => {
          // The only slot of tile-match is blocked until all jobs are queued.
          if (key.endsWith('/plan.json')) {
            await gate
            matched.push(key.split('/')[0]!)
          }
          return await put(bucket, key, ...rest)
        }
        return store
      },
    },
  )
  await addStripedTiles(api.store)
})
afterAll(async () => await api?.stop())

it('a caller with two mosaics waits for about as many of a caller with fourteen', {
  timeout: 120_000,
}, async () => {
  const input = { base64: Buffer.from(await photo()).toString('base64') }
  const body = { type: 'mosaic', library: 'small', cell: 16, scale: 2, distance: 1, input }
  const post = async (key: string) => {
    const answer = await api.post('/v1/jobs', body, { Authorization: `Bearer ${key}` })
    expect(answer.status).toBe(202)
    return ((await answer.json()) as Job).id
  }
  const busy = await Promise.all(Array.from({ length: 14 }, () => post(keys.busy)))
  const atTileMatch = async () =>
    (await Promise.all(busy.map((id) => api.job(id)))).filter(
      ({ progress }) => progress.stage === 'tile-match',
    )
  await expect.poll(async () => (await atTileMatch()).length, { timeout: 20_000, interval: 300 }).toBe(14)
  const modest = await Promise.all(Array.from({ length: 2 }, () => post(keys.modest)))
  const arrived = async () =>
    (await Promise.all(modest.map((id) => api.job(id)))).every(
      ({ progress }) => progress.stage === 'tile-match',
    )
  await expect.poll(arrived, { timeout: 20_000 }).toBe(true)
  release()

  await expect.poll(() => matched.length, { timeout: 60_000 }).toBe(16)
  const last = Math.max(...modest.map((id) => matched.indexOf(id)))
  // In order of arrival, it would wait for all fourteen.
  expect(last).toBeLessThan(8)
})
