/** What is left of jobs goes when nobody can go on with them any more, and not before. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSweepWork } from '../../activities/sweep-work.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'

const day = 24 * 3_600_000

let dataDir: string
let store: ObjectStore
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sweep-test-'))
  store = await openObjectStore({ dataDir })
})
afterEach(async () => {
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
})

const put = ({ bucket, key }: layout.Place) => store.put(bucket, key, new Uint8Array())
const keys = async () => (await store.list('in')).objects.map(({ key }) => key)

/** As the Schedule's workflow has it done, so much later. */
async function sweep(known: string[], later = 2 * day): Promise<number> {
  const knownJobs = { knows: async (id: string) => known.includes(id) }
  const step = createSweepWork({ store, knownJobs, now: () => Date.now() + later })
  return ((await new MockActivityEnvironment().run(step)) as { jobs: number }).jobs
}

it('sweeps what failed jobs have left, when Temporal has forgotten them', async () => {
  for (const id of ['bulk-a', 'bulk-a-b', 'bulk-a0', 'mosaic-a', 'resize-a', 'tiles-a']) {
    for (let n = 0; n < 3; n++) await put(layout.bulk.unpacked(id, n))
    await put(layout.order(id))
    await put(layout.jobRecord(id))
  }
  const ids = ['mosaic-a', 'bulk-a']
  expect(await sweep(ids)).toBe(4)
  expect((await keys()).filter((key) => !key.startsWith('jobs/'))).toEqual([
    ...[0, 1, 2].map((n) => layout.bulk.unpacked('bulk-a', n).key),
    ...[0, 1, 2].map((n) => layout.bulk.unpacked('mosaic-a', n).key),
    ...['bulk-a', 'mosaic-a'].map((id) => layout.order(id).key),
  ])
  expect(await sweep([])).toBe(2)
  expect((await keys()).every((key) => key.startsWith('jobs/'))).toBe(true)
})

it.each([
  ['failed', layout.jobRecord('mosaic-b')],
  ['succeeded', layout.mosaic.record('mosaic-b')],
])('sweeps the order of a job that %s and had staged nothing', async (_, ended) => {
  await put(layout.order('mosaic-b'))
  await put(ended)
  expect(await sweep([])).toBe(1)
  expect(await keys()).not.toContain(layout.order('mosaic-b').key)
})

it.each([
  [
    'of a job that was accepted and may be restored',
    async () => await put(layout.order('mosaic-c')),
    [],
    2 * day,
  ],
  ['of a job that Temporal knows', async () => {}, ['mosaic-c'], 2 * day],
  ['that is young', async () => {}, [], day / 2],
])('leaves work alone %s', async (_, also, known, later) => {
  await put(layout.work.plan('mosaic-c'))
  await also()
  const before = await keys()
  expect(await sweep(known, later)).toBe(0)
  expect(await keys()).toEqual(before)
})

it('leaves alone what is no job’s work', async () => {
  for (const key of [
    'bulk/shoes/a.jpg',
    'uploads/ab',
    'collector-x-clouds/sources-ab.json',
    'mosaic-like.txt',
  ])
    await store.put('in', key, new Uint8Array())
  expect(await sweep([])).toBe(0)
  expect(await keys()).toHaveLength(4)
})
