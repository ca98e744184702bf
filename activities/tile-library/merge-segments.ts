import { ObjectExists, ObjectNotFound, type ObjectStore } from '../../adapters/object-store/object-store.ts'
import { type Tile, tileBytes } from '../../engine/tile.ts'
import { encodeSegment, readSegmentPixels } from '../../engine/tile-segment.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { segmentKey, tilesInSegment } from './layout.ts'
import { presentTiles, rangeReader, readLibrary } from './library-state.ts'

/**
 * Below so many tiles a segment is tiny, or small. Tiny ones are merged among themselves first: where photos come one by one,
 * a merge of a thousand tiles (half a second of CPU) for every dozen of them would be most of the work.
 */
const small = { from: 64, below: 1024 }
const tiny = { from: 0, below: small.from }
/** So many of a size are merged: a reader needs one or two reads for each. */
const tooMany = 12
const largestSegment = 4096

export type DatedTile = Tile & { addedAt: number }

/** Stores a batch of tiles. A repeat with the same tiles is a no-op. */
export async function putSegment(store: ObjectStore, library: string, tiles: DatedTile[]): Promise<string> {
  const bytes = await encodeSegment(tiles.toSorted((one, other) => (one.id < other.id ? -1 : 1)))
  const key = segmentKey(library, tiles.length, bytes)
  await createOnce(store, key, bytes, 'application/vnd.mosaicme.tiles')
  return key
}

/** Puts what is named after its content: who finds it there already has nothing to do. */
export async function createOnce(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  contentType: string,
): Promise<void> {
  try {
    await store.put('raw', key, bytes, { mode: 'create', contentType })
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error
  }
}

/** Merges small segments once there are many, so that opening a library that grew photo by photo stays quick. */
export async function mergeSmallSegments(store: ObjectStore, library: string): Promise<void> {
  const { segments } = await readLibrary(store, library)
  for (const { from, below } of [tiny, small]) {
    const alike = [...segments.keys()].filter(
      (key) => tilesInSegment(key) >= from && tilesInSegment(key) < below,
    )
    if (alike.length >= tooMany) await rewriteSegments(store, library, alike)
  }
}

/**
 * Puts what is left of some segments into new ones, then deletes the old. Whatever happens on the way, each tile is
 * at every moment in a segment that can be seen: twice for a while, which readers take as once. Two that rewrite the
 * same segments write the same bytes under the same name, or each tile twice.
 */
export async function rewriteSegments(store: ObjectStore, library: string, keys: string[]): Promise<void> {
  const { segments, removedAt } = await readLibrary(store, library)
  const old = new Map([...segments].filter(([key]) => keys.includes(key)))
  const left = presentTiles(old, removedAt)
  const written = new Set<string>()
  try {
    let batch: DatedTile[] = []
    const flush = async (): Promise<void> => {
      if (batch.length > 0) written.add(await putSegment(store, library, batch))
      batch = []
    }
    for (const [segment, index] of old) {
      const pixels = await readSegmentPixels(`raw/${segment}`, index, rangeReader(store, segment))
      for (const [row, entry] of index.tiles.entries()) {
        const place = left.get(entry.id)
        if (place?.segment !== segment || place.row !== row) continue
        batch.push({
          ...entry,
          features: index.features.slice(row * featureLength, (row + 1) * featureLength),
          pixels: pixels.slice(row * tileBytes, (row + 1) * tileBytes),
        })
        if (batch.length === largestSegment) await flush()
      }
    }
    await flush()
  } catch (error) {
    // Somebody else rewrote one of them at the same time: their result stands.
    if (error instanceof ObjectNotFound) return
    throw error
  }
  await store.delete(
    'raw',
    [...old.keys()].filter((key) => !written.has(key)),
  )
}
