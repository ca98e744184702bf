/** A mosaic in the making as it may be looked at: drawn from its plan once, and shown as far as compose has come. */
import { buffer } from 'node:stream/consumers'
import { LRUCache } from 'lru-cache'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { composedRows, decodePlan, type MosaicSoFar, openMosaicSoFar } from '../../engine/index.ts'
import type { MosaicPlan } from '../../engine/plan.ts'
import type { ApiDependencies } from '../dependencies.ts'
import type { Job } from '../schemas/job.ts'

/** Of the longer side, pixels. */
const longest = 960
/** Each holds two megabytes of pixels. */
const keptAtMost = 8

/** Steps of a mosaic whose rows are all there. */
const behindCompose: readonly string[] = ['thumbnail', 'upload', 'cache', 'tweet']

interface Drawn {
  grid: MosaicPlan['grid']
  picture: MosaicSoFar
}

export type MosaicsSoFar = (job: Job) => Promise<{ bytes: Buffer; rows: number } | undefined>

/** @returns nothing before there is a plan, and when its tiles have left the library */
export function createMosaicsSoFar({ store, openLibrary, logger }: ApiDependencies): MosaicsSoFar {
  const drawn = new LRUCache<string, Promise<Drawn | undefined>>({ max: keptAtMost })

  /** Staged while the job runs; behind it there is the mosaic's own. */
  async function readPlan(id: string): Promise<MosaicPlan | undefined> {
    for (const { bucket, key } of [layout.work.plan(id), layout.mosaic.plan(id)]) {
      try {
        return decodePlan(await buffer((await store.get(bucket, key)).body))
      } catch (error) {
        if (!(error instanceof ObjectNotFound)) throw error
      }
    }
    return undefined
  }

  async function draw(id: string, library: string): Promise<Drawn | undefined> {
    const plan = await readPlan(id)
    if (!plan || !openLibrary) return undefined
    const tiles = await openLibrary(library)
    // One thread: the others are at work on the mosaic itself.
    const picture = await openMosaicSoFar({ plan, tiles, longest }, { threads: 1 })
    return { grid: plan.grid, picture }
  }

  return async function mosaicSoFar(job) {
    const { library } = job.params as { library?: unknown }
    const { stage, done } = job.progress
    const isComposed = job.status === 'succeeded' || behindCompose.includes(stage)
    if (job.type !== 'mosaic' || typeof library !== 'string') return undefined
    if (!isComposed && stage !== 'compose') return undefined
    /* One drawing for all who look at once; one that is not there yet, or fails, is tried again. */
    const drawing = drawn.get(job.id) ?? draw(job.id, library)
    drawn.set(job.id, drawing)
    const found = await drawing.catch((error: unknown) => {
      drawn.delete(job.id)
      const { code } = error as { code?: unknown }
      const isGone = code === 'tile_missing' || String(code).startsWith('library_')
      if (!isGone) throw error
      logger.warn({ err: error, jobId: job.id }, 'a mosaic in the making cannot be shown')
      return undefined
    })
    if (!found) {
      drawn.delete(job.id)
      return undefined
    }
    const rows = isComposed ? found.picture.rows : composedRows(found.grid, done)
    return { bytes: await found.picture.upTo(rows), rows }
  }
}
