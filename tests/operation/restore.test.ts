/** Loss of Temporal's database, by deleting its file: the object store brings the service back. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { rebuildGallery } from '../../activities/rebuild-gallery.ts'
import { listLibraries } from '../../activities/tile-library/index.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { createLogger } from '../../adapters/logger.ts'
import { createApp } from '../../api/app.ts'
import type { Job } from '../../api/client.ts'
import { lostJobs, submitAgain } from '../../api/jobs/lost-jobs.ts'
import { base64, picture } from '../api/api.ts'
import { scratchFolder } from '../cli/scratch.ts'
import { startTemporal } from '../servers/temporal.ts'
import { type Stack, startStack } from '../workflows/stack.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'

/** The API over a stack, called through `fetch`. */
function apiOf({ store, gallery }: Stack, client: Client) {
  const app = createApp({
    ...{ client, store, cache: gallery, environment: loadEnvironment({}) },
    logger: createLogger({ level: 'silent' }),
    listLibraries: () => listLibraries({ store }),
  })
  const get = async (path: string) => await app.request(path)
  const post = async (path: string, body: object, headers: Record<string, string> = {}) =>
    (await (
      await app.request(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    ).json()) as Job
  const remove = async (id: string) => await app.request(`/v1/jobs/${id}`, { method: 'DELETE' })
  return { get, post, remove, job: async (id: string) => (await (await get(`/v1/jobs/${id}`)).json()) as Job }
}

test('finished jobs can be read, the gallery is complete, and running jobs are found and restarted under their IDs', {
  timeout: 120_000,
}, async () => {
  const dbFile = join(await scratchFolder(), 'temporal.db')
  const first = await startTemporal({ dbFile })
  const { address, port } = first
  const temporal = { address, namespace: 'default' }
  const before = await startStack({ temporal })
  const { store } = before
  await addStripedTiles(store, 'few', 40)
  const api = apiOf(before, before.client)
  const wait = { Prefer: 'wait=30' }
  const look = { type: 'mosaic', library: 'few', cell: 8, scale: 2, distance: 1 }
  const done = {
    mosaic: await api.post(
      '/v1/jobs',
      { ...look, input: { base64: (await picture(160, 120)).toString('base64') } },
      wait,
    ),
    resize: await api.post('/v1/jobs', { type: 'resize', width: 9, input: { base64: await base64() } }, wait),
    failed: await api.post('/v1/jobs', { ...look, input: { url: 'http://127.0.0.1:1/photo.jpg' } }, wait),
  }
  expect(Object.values(done).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'failed'])
  const tiles = await api.post('/v1/tiles', { library: 'more', sources: [{ base64: await base64() }] })
  await before.client.workflow.getHandle(tiles.id).result()
  const pixels = await bytesOf(api, `/v1/jobs/${done.mosaic.id}/files/large.jpg`)

  // Running at that moment: accepted, but no worker is left.
  await before.stopWorking()
  await store.put('in', 'bulk/a.jpg', await picture())
  const photo = (await picture(160, 120)).toString('base64')
  const lost = {
    mosaic: await api.post('/v1/jobs', { ...look, author: { handle: 'ada' }, input: { base64: photo } }),
    bulk: await api.post('/v1/bulk', { width: 9, input: { prefix: { bucket: 'in', prefix: 'bulk/' } } }),
  }
  const deleted = await api.post('/v1/jobs', { ...look, input: { base64: photo } })
  await api.remove(deleted.id)
  await first.stop()
  await rm(dbFile)
  for (const rest of ['-wal', '-shm']) await rm(`${dbFile}${rest}`, { force: true })

  const second = await startTemporal({ dbFile, port })
  onTestFinished(() => second.stop())
  const after = await startStack({ temporal, wrapStore: () => store })
  onTestFinished(() => before.stop())
  onTestFinished(() => after.stop())
  const { client, gallery } = after
  const restored = apiOf({ ...after, store }, client)
  await expect(client.workflow.getHandle(done.mosaic.id).describe()).rejects.toThrow()

  // Finished jobs are read as before, with their bytes.
  expect(await restored.job(done.mosaic.id)).toMatchObject({ status: 'succeeded', type: 'mosaic' })
  expect(await restored.job(done.resize.id)).toMatchObject({ status: 'succeeded', result: { width: 9 } })
  expect(await restored.job(done.failed.id)).toMatchObject({
    ...{ status: 'failed', error: { code: done.failed.error?.code } },
  })
  expect(await bytesOf(restored, `/v1/jobs/${done.mosaic.id}/files/large.jpg`)).toEqual(pixels)
  await rebuildGallery({ store, gallery, site: '' })
  const shown = (await (await restored.get('/v1/gallery')).json()) as { data: { id: string }[] }
  expect(shown.data.map(({ id }) => id)).toEqual([done.mosaic.id])

  // Exactly the unfinished ones are found.
  const found = await all(lostJobs({ client, store }))
  expect(found.map(({ job }) => job.id).sort()).toEqual([lost.bulk.id, lost.mosaic.id].sort())
  for (const one of found) expect(await submitAgain({ client }, one)).toBe(true)
  expect(await submitAgain({ client }, found[0]!)).toBe(false)
  await Promise.all(found.map(({ job }) => client.workflow.getHandle(job.id).result()))
  const again = await restored.job(lost.mosaic.id)
  expect(again).toMatchObject({ status: 'succeeded', params: { library: 'few' } })
  expect(await restored.job(lost.bulk.id)).toMatchObject({ status: 'succeeded', result: { failed: 0 } })
  const large = await bytesOf(restored, `/v1/jobs/${lost.mosaic.id}/files/large.jpg`)
  expect(await sharp(large).metadata()).toMatchObject({ width: 320, height: 240 })
  // Nothing more is found, and orders of finished jobs are removed.
  expect(await all(lostJobs({ client, store }))).toEqual([])
  const { objects } = await store.list('in', { prefix: 'orders/' })
  expect(objects.map(({ key }) => key)).toEqual([`orders/${done.failed.id}.json`])
})

async function bytesOf(api: ReturnType<typeof apiOf>, path: string): Promise<Buffer> {
  const answer = await api.get(path)
  expect(answer.status, path).toBe(200)
  return Buffer.from(await answer.arrayBuffer())
}

/** `Array.fromAsync` came with Node 22. */
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
