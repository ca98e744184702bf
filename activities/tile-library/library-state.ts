import { buffer } from 'node:stream/consumers'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import {
  ObjectNotFound,
  type ObjectStore,
  RangeNotSatisfiable,
} from '../../adapters/object-store/object-store.ts'
import { objectsUnder } from '../../adapters/object-store/objects-under.ts'
import {
  type ReadRange,
  readSegmentIndex,
  type SegmentIndex,
  type TileEntry,
} from '../../engine/tile-segment.ts'
import { checkLibraryName, parseRemovedKey, removedPrefix, segmentPrefix, tilesInSegment } from './layout.ts'

/** A tile of a library, and where its pixels and features are stored. */
export interface TilePlace {
  entry: TileEntry
  /** Key of its segment, and its row in it. */
  segment: string
  row: number
}

/** A snapshot of a library. */
export interface LibraryState {
  segments: Map<string, SegmentIndex>
  /** The tiles in the library, by ID. */
  tiles: Map<string, TilePlace>
  /** By tile ID: what was added up to this time, ms since 1970, is removed. */
  removedAt: Map<string, number>
}

/** Segments never change, so their indexes can be cached. Sizes are counted in tiles, about 0.5 KB each. */
const indexes = new WeakMap<ObjectStore, LRUCache<string, SegmentIndex>>()
const tilesInMemory = 200_000

/** Another writer may merge segments between our listing and our reading; we then list again. */
const attempts = 6

/**
 * Reads which tiles a library holds. A library that does not exist has none.
 * @throws TileLibraryError, SegmentCorrupt
 */
export async function readLibrary(
  store: ObjectStore,
  library: string,
  signal?: AbortSignal,
): Promise<LibraryState> {
  checkLibraryName(library)
  for (let attempt = 1; ; attempt++) {
    try {
      const keys = await listKeys(store, segmentPrefix(library))
      const segments = new Map<string, SegmentIndex>()
      const limit = pLimit(8)
      await Promise.all(
        keys.map((key) => limit(async () => segments.set(key, await segmentIndex(store, key, signal)))),
      )
      // After the segments: a removal that this misses happened after everything read so far.
      const removedAt = await readRemovals(store, library)
      return { segments, removedAt, tiles: presentTiles(segments, removedAt) }
    } catch (error) {
      if (!(error instanceof ObjectNotFound) || attempt === attempts) throw error
    }
  }
}

/** If several segments hold a tile, the copy added last counts, unless the tile was removed since. */
export function presentTiles(
  segments: ReadonlyMap<string, SegmentIndex>,
  removedAt: ReadonlyMap<string, number>,
): Map<string, TilePlace> {
  const tiles = new Map<string, TilePlace>()
  for (const [segment, index] of segments) {
    index.tiles.forEach((entry, row) => {
      if (entry.addedAt <= (removedAt.get(entry.id) ?? 0)) return
      const other = tiles.get(entry.id)
      if (!other || other.entry.addedAt < entry.addedAt) tiles.set(entry.id, { entry, segment, row })
    })
  }
  return tiles
}

export async function segmentIndex(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<SegmentIndex> {
  let known = indexes.get(store)
  if (!known) {
    known = new LRUCache({ maxSize: tilesInMemory })
    indexes.set(store, known)
  }
  const index = known.get(key) ?? (await readSegmentIndex(`raw/${key}`, rangeReader(store, key, signal)))
  known.set(key, index, { size: Math.max(1, tilesInSegment(key)) })
  return index
}

/** Reads ranges of an object in the bucket `raw`; beyond its end, they are empty. */
export function rangeReader(store: ObjectStore, key: string, signal?: AbortSignal): ReadRange {
  return async (start, end) => {
    try {
      const object = await store.get('raw', key, { range: { start, end }, ...(signal && { signal }) })
      return await buffer(object.body)
    } catch (error) {
      if (error instanceof RangeNotSatisfiable) return new Uint8Array()
      throw error
    }
  }
}

export async function listKeys(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of objectsUnder(store, { bucket: 'raw', key: prefix })) keys.push(key)
  return keys
}

/** What was removed at this moment or later, ms since 1970, whether it has been added again or not: IDs of tiles. */
export async function removedSince(
  store: ObjectStore,
  library: string,
  since: number,
): Promise<ReadonlySet<string>> {
  const removals = await readRemovals(store, library)
  return new Set([...removals].flatMap(([id, at]) => (at >= since ? [id] : [])))
}

async function readRemovals(store: ObjectStore, library: string): Promise<Map<string, number>> {
  const removedAt = new Map<string, number>()
  for (const key of await listKeys(store, removedPrefix(library))) {
    const { tileId, at } = parseRemovedKey(key)
    removedAt.set(tileId, Math.max(at, removedAt.get(tileId) ?? 0))
  }
  return removedAt
}
