/** Deep-zoom tiles that were never rendered: made from the mosaic's plan and its tile library when somebody looks. */
import { availableParallelism } from 'node:os'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { decodePlan, openVirtualPyramid, PictureError, type VirtualPyramid } from '../../engine/index.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'

/** Each holds the tiles in use, up to 90 MB for 5,500 of them. */
const openAtOnce = 4
/** Anybody may look. A screen asks for some thirty at once; more than a few screens full are told to come back. */
const waitingAtMost = 256

/** What is read of a mosaic's record. */
interface Record {
  library: string
  params?: { quality?: number }
}

export type VirtualTiles = (jobId: string, name: string) => Promise<Buffer | undefined>

/**
 * @returns the JPEG of `LEVEL/COLUMN_ROW.jpg`; undefined when there is no such tile, or its photos have left the library.
 * Throws {Problem} `overloaded`
 */
export function createVirtualTiles({ store, openLibrary, logger }: ApiDependencies): VirtualTiles {
  const opened = new LRUCache<string, Promise<VirtualPyramid>>({ max: openAtOnce })
  const turn = pLimit(availableParallelism())

  const read = async ({ bucket, key }: layout.Place): Promise<Buffer> => {
    const { body } = await store.get(bucket, key)
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  const open = async (jobId: string): Promise<VirtualPyramid> => {
    const record: Record = JSON.parse((await read(layout.mosaic.record(jobId))).toString())
    const plan = decodePlan(await read(layout.mosaic.plan(jobId)))
    const tiles = await openLibrary!(record.library)
    return await openVirtualPyramid({ plan, tiles, quality: record.params?.quality ?? 85 })
  }

  return async function virtualTile(jobId, name) {
    const [level, column, row] = name.split(/\D+/).map(Number)
    if (!openLibrary) return undefined
    const planAt = layout.mosaic.plan(jobId)
    /* By its plan: a mosaic is made again when a person's tiles are taken out of it. */
    const version = `${jobId} ${(await store.head(planAt.bucket, planAt.key))?.etag}`
    if (turn.pendingCount >= waitingAtMost)
      throw new Problem('overloaded', 'Many deep-zoom tiles are being rendered. Try again in a moment.', {
        headers: { 'Retry-After': '1' },
      })
    /* One opening for all who look at once; one that fails is tried again. */
    const opening = opened.get(version) ?? open(jobId)
    opened.set(version, opening)
    try {
      return await turn(async () => (await opening).tile(level!, column!, row!))
    } catch (error) {
      opened.delete(version)
      if (error instanceof ObjectNotFound) return undefined
      const { code } = error as { code?: unknown }
      const isGone = error instanceof PictureError || String(code).startsWith('library_')
      if (!isGone) throw error
      logger.warn({ err: error, jobId }, 'a mosaic cannot be rendered any more')
      return undefined
    }
  }
}
