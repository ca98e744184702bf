/** Previews of running mosaics: how much they show, and when. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import type { ApiDependencies } from '../../api/app.ts'
import type { Job } from '../../api/client.ts'
import { createMosaicsSoFar } from '../../api/jobs/mosaic-so-far.ts'
import { encodePlan, planMosaic } from '../../engine/index.ts'
import { picture, tileSet } from '../engine/pictures.ts'

const tiles = tileSet(200, { side: 32 })
let dataDir: string
let store: ObjectStore
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mosaicme-so-far-'))
  store = await openObjectStore({ dataDir })
  // 40 x 30 cells of 32 px: 960 lines are eight bands of 128, four rows each, and a last one of two.
  const target = await picture(160, 120).png().toBuffer()
  const plan = await planMosaic({ target, tiles, options: { cell: 32, scale: 8, distance: 2 } })
  const { bucket, key } = layout.work.plan('mosaic-a')
  await store.put(bucket, key, encodePlan(plan))
})
afterAll(async () => {
  await store?.close()
  await rm(dataDir, { recursive: true, force: true })
})

const job = (stage: string, done = 0, change: object = {}) =>
  ({
    ...{ id: 'mosaic-a', type: 'mosaic', status: 'processing', params: { library: 'some' } },
    ...{ progress: { stage, done, total: 20 }, ...change },
  }) as unknown as Job
const seen = (openLibrary?: () => Promise<typeof tiles>) =>
  createMosaicsSoFar({ store, openLibrary, logger: pino({ level: 'silent' }) } as unknown as ApiDependencies)

describe('a running mosaic', () => {
  it.each([
    ['compose', 0, 0],
    ['compose', 1, 4],
    ['compose', 5, 20],
    ['compose', 19, 30],
    ['upload', 0, 30],
  ])('at %s, %i parts done, has %i rows, and nothing below them', async (stage, done, rows) => {
    const found = await seen(async () => tiles)(job(stage, done))
    expect(found?.rows).toBe(rows)
    const { data, info } = await sharp(found!.bytes).raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height, info.channels]).toEqual([960, 720, rows < 30 ? 4 : info.channels])
    const opaque = (line: number) => info.channels === 3 || data[line * info.width * 4 + 3]! > 0
    for (let line = 0; line < 720; line += 8) expect(opaque(line), `line ${line}`).toBe(line < rows * 24)
  })

  it('has no preview before compose has begun, or if its tiles are gone', async () => {
    const soFar = seen(async () => tiles)
    for (const one of [
      job('tile-match', 3),
      job('queued'),
      job('compose', 3, { id: 'mosaic-without-plan' }),
      job('compose', 3, { type: 'resize', params: {} }),
    ])
      expect(await soFar(one)).toBeUndefined()
    expect(await seen(async () => tileSet(3, { side: 32 }))(job('compose', 3))).toBeUndefined()
    expect(await seen()(job('compose', 3))).toBeUndefined()
  })

  it('is drawn once for all requests', async () => {
    let opened = 0
    const soFar = seen(async () => {
      opened++
      return tiles
    })
    await Promise.all([1, 2, 3].map((done) => soFar(job('compose', done))))
    expect(opened).toBe(1)
  })
})
