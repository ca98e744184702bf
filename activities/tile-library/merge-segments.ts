import { ObjectExists, ObjectNotFound, type ObjectStore } from '../../adapters/object-store/object-store.ts'
import { type Tile, tileBytes } from '../../engine/tile.ts'
import { encodeSegment, readSegmentPixels, type TileEntry } from '../../engine/tile-segment.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { segmentKey, tilesInSegment } from './layout.ts'
import { type LibraryState, presentTiles, rangeReader, readLibrary } from './library-state.ts'

/**
 * Number of tiles in a small or tiny segment. Tiny ones are merged among themselves first: if photos arrive one by one, merging
 * a thousand tiles (half a second of CPU) for every dozen of them would be most of the work.
 */
const small = { from: 64, below: 1024 }
const tiny = { from: 0, below: small.from }
/** This many segments of a size are merged, because a reader needs one or two requests for each. */
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

/** Stores an object that is named after its content: if it exists, nothing is left to do. */
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

/** Merges small segments once there are many, so that a library that grew photo by photo opens quickly. */
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
 * Rewrites segments until none holds the pixels of a removed tile. Whoever writes segments calls this afterwards, and whoever
 * removes tiles after marking them as removed, so that at least one of two concurrent processes sees what the other did.
 * @returns the library afterwards
 */
export async function eraseRemoved(store: ObjectStore, library: string): Promise<LibraryState> {
  for (;;) {
    const state = await readLibrary(store, library)
    const isRemoved = ({ id, addedAt }: TileEntry) => addedAt <= (state.removedAt.get(id) ?? 0)
    const holding = [...state.segments].filter(([, { tiles }]) => tiles.some(isRemoved))
    if (holding.length === 0) return state
    await rewriteSegments(
      store,
      library,
      holding.map(([key]) => key),
    )
  }
}

/**
 * Copies the remaining tiles of some segments into new ones, then deletes the old. Every tile is visible at every moment: for
 * a while twice, which readers count as one. Two processes that rewrite the same segments write the same object, or each tile
 * twice.
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
    // Another process rewrote one of them at the same time: its result stands.
    if (error instanceof ObjectNotFound) return
    throw error
  }
  await store.delete(
    'raw',
    [...old.keys()].filter((key) => !written.has(key)),
  )
}
