/** Deep-zoom tiles of virtual pyramids: rendered on demand from the mosaic's plan and its tile library. */
import { LRUCache } from 'lru-cache'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { decodePlan, openVirtualPyramid, PictureError, type VirtualPyramid } from '../../engine/index.ts'
import type { ApiDependencies } from '../dependencies.ts'

/** Cached mosaics. Each holds its tiles, up to 90 MB for 5,500 of them. */
const openAtOnce = 4

/** The part of a mosaic's record that is needed here. */
interface Record {
  library: string
  params?: { quality?: number }
}

export type VirtualTiles = (jobId: string, name: string) => Promise<Buffer | undefined>

/** @returns the JPEG `LEVEL/COLUMN_ROW.jpg`; undefined if there is no such tile, or its photos have left the library */
export function createVirtualTiles({ store, openLibrary, logger }: ApiDependencies): VirtualTiles {
  const opened = new LRUCache<string, Promise<VirtualPyramid>>({ max: openAtOnce })

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
    /* Keyed by the plan's version, because mosaics are remade when a person's tiles are removed. */
    const version = `${jobId} ${(await store.head(planAt.bucket, planAt.key))?.etag}`
    /* Shared by concurrent requests. After a failure, the next request tries again. */
    const opening = opened.get(version) ?? open(jobId)
    opened.set(version, opening)
    try {
      return await (await opening).tile(level!, column!, row!)
    } catch (error) {
      opened.delete(version)
      if (error instanceof ObjectNotFound) return undefined
      const { code } = error as { code?: unknown }
      const isGone = error instanceof PictureError || String(code).startsWith('library_')
      if (!isGone) throw error
      logger.warn({ err: error, jobId }, 'could not render a deep-zoom tile')
      return undefined
    }
  }
}
