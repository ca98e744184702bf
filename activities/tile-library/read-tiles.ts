import { LRUCache } from 'lru-cache'
import { ObjectNotFound, type ObjectStore } from '../../adapters/object-store/object-store.ts'
import { tileBytes } from '../../engine/tile.ts'
import { readSegmentPixels } from '../../engine/tile-segment.ts'
import { type LibraryState, rangeReader, readLibrary } from './library-state.ts'

/** Decoded segments by key, which identifies their content: whoever shows a library shows all of it. */
const decoded = new WeakMap<ObjectStore, LRUCache<string, Uint8Array>>()
const bytesInMemory = 64 * 2 ** 20
/** Another writer may merge segments between our listing and our reading; we then list again. */
const attempts = 6

/**
 * Reads pictures of tiles as the library stores them, sRGB, 64 px a side. Tiles that are not in the library are omitted.
 * @throws TileLibraryError, SegmentCorrupt
 */
export async function readTiles(options: {
  store: ObjectStore
  library: string
  ids: readonly string[]
}): Promise<Map<string, Uint8Array>> {
  const { store, library, ids } = options
  for (let attempt = 1; ; attempt++) {
    const state = await readLibrary(store, library)
    try {
      const found = new Map<string, Uint8Array>()
      for (const id of ids) {
        const place = state.tiles.get(id)
        if (!place) continue
        const pixels = await segmentPixels(store, state, place.segment)
        found.set(id, pixels.subarray(place.row * tileBytes, (place.row + 1) * tileBytes))
      }
      return found
    } catch (error) {
      if (!(error instanceof ObjectNotFound) || attempt === attempts) throw error
    }
  }
}

async function segmentPixels(store: ObjectStore, state: LibraryState, segment: string): Promise<Uint8Array> {
  const kept = decoded.get(store) ?? new LRUCache({ maxSize: bytesInMemory, sizeCalculation: bytesOf })
  decoded.set(store, kept)
  const known = kept.get(segment)
  if (known) return known
  const pixels = await readSegmentPixels(
    `raw/${segment}`,
    state.segments.get(segment)!,
    rangeReader(store, segment),
  )
  kept.set(segment, pixels)
  return pixels
}

const bytesOf = ({ length }: Uint8Array) => Math.max(1, length)
