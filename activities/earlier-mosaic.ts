/** A published mosaic as a source of areas to copy. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { decodePlan, type EarlierMosaic } from '../engine/index.ts'
import { readObject } from './objects.ts'

/**
 * @param directory where to download its large picture
 * @returns undefined if it is gone: everything must then be rendered
 */
export async function earlierMosaic(
  store: ObjectStore,
  id: string,
  directory: string,
  signal: AbortSignal,
): Promise<EarlierMosaic | undefined> {
  const tiles = layout.mosaic.dziTiles(id)
  try {
    const plan = decodePlan(await readObject(store, layout.mosaic.plan(id), signal))
    const large = join(directory, 'earlier.jpg')
    const { bucket, key } = layout.mosaic.large(id)
    await pipeline((await store.get(bucket, key, { signal })).body, createWriteStream(large), { signal })
    return { plan, large, pyramid: { read: readTile, close() {} } }
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }

  /** @param name such as `mosaic_files/9/0_0.jpg` @returns undefined for a tile of a virtual pyramid, which is never stored */
  async function readTile(name: string): Promise<Buffer | undefined> {
    const place = { bucket: tiles.bucket, key: `${tiles.key}${name.replace('mosaic_files/', '')}` }
    try {
      return Buffer.from(await readObject(store, place, signal))
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }
}
