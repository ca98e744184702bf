/** Previews of running mosaics: drawn once from the plan, and shown down to the rows that compose has finished. */
import { buffer } from 'node:stream/consumers'
import { LRUCache } from 'lru-cache'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { composedRows, decodePlan, type MosaicSoFar, openMosaicSoFar } from '../../engine/index.ts'
import type { MosaicPlan } from '../../engine/plan.ts'
import type { ApiDependencies } from '../dependencies.ts'
import type { Job } from '../schemas/job.ts'

/** Longer side, pixels. */
const longest = 960
/** Cached drawings, of about two megabytes each. */
const keptAtMost = 8

/** Steps after compose, when all rows are finished. */
const afterCompose: readonly string[] = ['thumbnail', 'upload', 'cache', 'tweet']

interface Drawn {
  grid: MosaicPlan['grid']
  picture: MosaicSoFar
}

export type MosaicsSoFar = (job: Job) => Promise<{ bytes: Buffer; rows: number } | undefined>

/** @returns undefined before there is a plan, and if its tiles have left the library */
export function createMosaicsSoFar({ store, openLibrary, logger }: ApiDependencies): MosaicsSoFar {
  const drawn = new LRUCache<string, Promise<Drawn | undefined>>({ max: keptAtMost })

  /** The staged plan while the job runs, the published one afterwards. */
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
    // One thread: the others compose the mosaic itself.
    const picture = await openMosaicSoFar({ plan, tiles, longest }, { threads: 1 })
    return { grid: plan.grid, picture }
  }

  return async function mosaicSoFar(job) {
    const { library } = job.params as { library?: unknown }
    const { stage, done } = job.progress
    const isComposed = job.status === 'succeeded' || afterCompose.includes(stage)
    if (job.type !== 'mosaic' || typeof library !== 'string') return undefined
    if (!isComposed && stage !== 'compose') return undefined
    /* Shared by concurrent requests. If there is no plan yet, or drawing fails, the next request tries again. */
    const drawing = drawn.get(job.id) ?? draw(job.id, library)
    drawn.set(job.id, drawing)
    const found = await drawing.catch((error: unknown) => {
      const { code } = error as { code?: unknown }
      const isGone = code === 'tile_missing' || String(code).startsWith('library_')
      if (!isGone) throw error
      logger.warn({ err: error, jobId: job.id }, 'could not draw the preview of a running mosaic')
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
