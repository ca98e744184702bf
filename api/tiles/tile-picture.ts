/** Small pictures of tiles, made from their photos on first use and cached in memory. */
import { buffer } from 'node:stream/consumers'
import { LRUCache } from 'lru-cache'
import { ObjectNotFound, type ObjectStore } from '../../adapters/object-store/object-store.ts'
import { makeThumbnail } from '../../engine/index.ts'
import type { ObjectRef } from '../../workflows/contract/job.ts'

/** Width in pixels: sharp on a projector with 2,500 tiles. */
const width = 128
/** Size of the cache, bytes. At about 5 KB each, a wall of 2,500 fits several times. */
const keptBytes = 64 * 2 ** 20

export function createTilePictures(
  store: ObjectStore,
): (photo: ObjectRef) => Promise<Uint8Array | undefined> {
  const kept = new LRUCache<string, Uint8Array>({
    maxSize: keptBytes,
    sizeCalculation: (bytes) => bytes.byteLength,
  })
  const making = new Map<string, Promise<Uint8Array | undefined>>()

  async function make({ bucket, key }: ObjectRef): Promise<Uint8Array | undefined> {
    try {
      const { body } = await store.get(bucket, key)
      const { bytes } = await makeThumbnail(await buffer(body), { width, quality: 82 })
      kept.set(key, bytes)
      return bytes
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }

  return async (photo) => {
    const known = kept.get(photo.key)
    if (known) return known
    // A wall requests all of them when it opens, and two walls request them twice.
    const work = making.get(photo.key) ?? make(photo).finally(() => making.delete(photo.key))
    making.set(photo.key, work)
    return await work
  }
}
