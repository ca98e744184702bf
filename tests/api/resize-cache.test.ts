import { afterAll, beforeAll, expect, it } from 'vitest'
import { resizeDigest } from '../../activities/resize-cache.ts'
import { type Api, base64, startApi } from './api.ts'

/** Keys copied within the store, and keys written. */
const copied: string[] = []
const put: string[] = []

let api: Api
beforeAll(async () => {
  api = await startApi(
    {},
    {
      wrapStore: (store) => {
        const { copy, put: plainPut } = store
        store.copy = async (from, to, options) => {
          copied.push(to.key)
          return await copy.call(store, from, to, options)
        }
        store.put = async (bucket, key, body, options) => {
          put.push(key)
          return await plainPut.call(store, bucket, key, body, options)
        }
        return store
      },
    },
  )
})
afterAll(async () => await api?.stop())

const input = async (side: number) => ({ base64: await base64(side, side) })

it('the same picture and options give the stored result, under the new job', async () => {
  const body = {
    type: 'resize',
    input: await input(50),
    width: 20,
    outputs: [{ name: 'a' }, { name: 'b', width: 9 }],
  }
  const first = await api.finish(body)
  const again = await api.finish({ ...body, outputs: [{ name: 'a' }, { width: 9, name: 'b' }] })
  expect(copied).toEqual([
    `resized/${again.id}.jpg`,
    `resized/${again.id}/a.jpg`,
    `resized/${again.id}/b.jpg`,
  ])
  expect(put.filter((key) => key.startsWith(`resized/${again.id}`))).toEqual([])
  const { url: _, outputs: __, ...facts } = (first as { result: { url: string; outputs: object } }).result
  expect(again.result).toMatchObject(facts)

  await api.request(`/v1/jobs/${first.id}`, { method: 'DELETE' })
  expect((await api.request(new URL(again.urls.result!).pathname)).status).toBe(200)
})

it('a deleted result is made again', async () => {
  const body = { type: 'resize', input: await input(51), width: 20 }
  const first = await api.finish(body)
  await api.request(`/v1/jobs/${first.id}`, { method: 'DELETE' })
  const again = await api.finish(body)
  expect(put).toContain(`resized/${again.id}.jpg`)
  expect((await api.request(new URL(again.urls.result!).pathname)).status).toBe(200)
})

it('other options and other pictures give other results', () => {
  const params = { width: 10, fit: 'cover', format: 'jpeg' } as const
  const digests = [
    resizeDigest('a', params),
    resizeDigest('a', { format: 'jpeg', fit: 'cover', width: 10 }),
    resizeDigest('b', params),
    resizeDigest('a', { ...params, width: 11 }),
    resizeDigest('a', { ...params, blur: 1 }),
  ]
  expect(digests[0]).toBe(digests[1])
  expect(new Set(digests).size).toBe(4)
})
