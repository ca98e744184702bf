/** Two builds of the workers side by side: a resize ends on the build it started on, a mosaic continues on the new one. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { replayJob } from '../../api/jobs/replay-job.ts'
import { temporalAddress, testNamespaces } from '../servers/temporal.ts'
import { photo } from './pictures.ts'
import { type Stack, startStack } from './stack.ts'
import { addStripedTiles } from './striped-tiles.ts'

const deploymentName = 'mosaicme'
const temporal = { address: temporalAddress(), namespace: testNamespaces.at(-4)! }
let first: Stack
let second: Stack | undefined
let release: () => void
const gate = new Promise<void>((resolve) => {
  release = resolve
})

/** Half a photo at first, so that resizing it fails. */
let served = (await photo(400, 300)).subarray(0, 3_000)
const photos = createServer((_, response) => response.setHeader('content-type', 'image/jpeg').end(served))

/** Holds results back until the new build is current. */
function held(store: ObjectStore): ObjectStore {
  const put = store.put.bind(store)
  store.put = async (bucket, key, ...rest) => {
    if (bucket === 'small' || key.endsWith('/plan.json')) await gate
    return await put(bucket, key, ...rest)
  }
  return store
}

const begin = (buildId: string, more: object = {}) =>
  startStack({
    ...{ temporal, version: { deploymentName, buildId }, fetchAllowHosts: ['127.0.0.1'] },
    ...more,
  })

/** Makes this build current for new jobs, like a deployment once its workers are up. */
async function makeCurrent({ client }: Stack, buildId: string): Promise<void> {
  // The server learns of a build from its workers' first poll.
  await vi.waitFor(
    () =>
      client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: temporal.namespace,
        deploymentName,
        buildId,
        ignoreMissingTaskQueues: true,
      }),
    { timeout: 20_000, interval: 100 },
  )
}

async function buildsOf(stack: Stack, workflowId: string): Promise<string[]> {
  const { events } = await stack.client.workflow.getHandle(workflowId).fetchHistory()
  const builds = events!.flatMap(
    (event) => event.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId ?? [],
  )
  return [...new Set(builds)]
}

beforeAll(async () => {
  await once(photos.listen(0, '127.0.0.1'), 'listening')
  first = await begin('build-1', { wrapStore: held })
  await addStripedTiles(first.store)
  await makeCurrent(first, 'build-1')
})
afterAll(async () => {
  release()
  await second?.stop()
  await first?.stop()
  photos.close()
})

const size = { width: 40, fit: 'cover', format: 'png', quality: 80, withoutEnlargement: false } as const

it('a rolling deployment fails no job', { timeout: 90_000 }, async () => {
  const source = await first.upload(await photo())
  const params = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 85 }
  const resize = await first.start('resize', { source, params: size })
  const mosaic = await first.start('mosaic', { source, params })
  const url = `http://127.0.0.1:${(photos.address() as AddressInfo).port}/photo.jpg`
  const damaged = await first.start('resize', { source: { url }, params: size })
  await expect(damaged.result()).rejects.toThrow()
  const begun = async () => (await buildsOf(first, mosaic.workflowId)).length
  await expect.poll(begun, { timeout: 20_000 }).toBe(1)

  second = await begin('build-2', { wrapStore: () => first.store })
  await makeCurrent(second, 'build-2')
  // It takes the server a moment to route tasks to it: a mosaic that is released earlier may be done by then.
  const others: (typeof mosaic)[] = []
  const buildOfNew = async () => {
    const other = await first.start('mosaic', { source, params })
    others.push(other)
    return await vi.waitUntil(async () => (await buildsOf(first, other.workflowId))[0], { timeout: 20_000 })
  }
  await expect.poll(buildOfNew, { timeout: 30_000, interval: 500 }).toBe('build-2')
  release()
  await Promise.all([resize, mosaic, ...others].map((job) => job.result()))
  expect(await buildsOf(first, resize.workflowId)).toEqual(['build-1'])
  expect(await buildsOf(first, mosaic.workflowId)).toEqual(['build-1', 'build-2'])

  // The workers of the old build are stopped, and a job that failed there is replayed.
  expect(await buildsOf(first, damaged.workflowId)).toEqual(['build-1'])
  await first.stopWorking()
  served = await photo(400, 300)
  await replayJob(first, damaged.workflowId, 'the photo is whole now')
  await second.client.workflow.getHandle(damaged.workflowId).result()
  expect(await buildsOf(second, damaged.workflowId)).toEqual(['build-2'])
})
