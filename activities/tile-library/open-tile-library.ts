import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { ObjectNotFound, type ObjectStore } from '../../adapters/object-store/object-store.ts'
import { tileBytes } from '../../engine/tile.ts'
import { groupLookAlikes } from '../../engine/tile-fingerprint.ts'
import { resizeTiles } from '../../engine/tile-pixels.ts'
import { readSegmentPixels } from '../../engine/tile-segment.ts'
import { featureLength, type TileSet } from '../../engine/tile-set.ts'
import { type LibraryState, rangeReader, readLibrary } from './library-state.ts'
import { readCachedPixels, writeCachedPixels } from './pixel-cache.ts'
import { libraryNotFound } from './remove-tiles.ts'
import { TileLibraryError } from './tile-library-error.ts'

export interface OpenTileLibraryOptions {
  store: ObjectStore
  library: string
  /** Local folder for pixels at the sizes in use; created if missing, may be deleted at any time. */
  cacheDirectory: string
  signal?: AbortSignal
}

/** Caches shared by the jobs of one process. */
interface Shared {
  /** By library and version. */
  sets: LRUCache<string, TileSet>
  /** By version and size. */
  pixels: LRUCache<string, Uint8Array>
  /** Pixels being read now. */
  loading: Map<string, Promise<Uint8Array>>
}

const shared = new WeakMap<ObjectStore, Shared>()

function sharedOf(store: ObjectStore): Shared {
  const known = shared.get(store)
  if (known) return known
  const fresh: Shared = {
    sets: new LRUCache({ max: 8 }),
    pixels: new LRUCache({ maxSize: 256 * 2 ** 20, sizeCalculation: (pixels) => pixels.length }),
    loading: new Map(),
  }
  shared.set(store, fresh)
  return fresh
}

/**
 * Opens the current state of a library, ordered by tile ID, so that the order of additions does not affect mosaics.
 * Features and groups are loaded at once, pixels on demand.
 *
 * @throws TileLibraryError `library_not_found`, `library_empty`; SegmentCorrupt; ObjectStoreError
 */
export async function openTileLibrary(options: OpenTileLibraryOptions): Promise<TileSet> {
  const { store, library, signal } = options
  const state = await readLibrary(store, library, signal)
  if (state.segments.size === 0 && state.removedAt.size === 0) throw libraryNotFound(library)
  if (state.tiles.size === 0)
    throw new TileLibraryError(
      'library_empty',
      `The library "${library}" has no tiles left. Add photos: mosaicme tiles add FOLDER --library ${library}`,
    )
  const ids = [...state.tiles.keys()].sort()
  const version = versionOf(state, ids)
  const { sets } = sharedOf(store)
  const key = `${options.cacheDirectory} ${library} ${version}`
  const set = sets.get(key) ?? tileSet(options, state, ids, version)
  sets.set(key, set)
  return set
}

function versionOf(state: LibraryState, ids: string[]): string {
  const hash = createHash('sha256')
  for (const id of ids) hash.update(`${state.segments.get(state.tiles.get(id)!.segment)!.recipe} ${id}\n`)
  return hash.digest('hex').slice(0, 32)
}

function tileSet(
  options: OpenTileLibraryOptions,
  state: LibraryState,
  ids: string[],
  version: string,
): TileSet {
  const features = new Float32Array(new SharedArrayBuffer(ids.length * featureLength * 4))
  const places = ids.map((id) => state.tiles.get(id)!)
  places.forEach(({ segment, row }, n) => {
    const from = state.segments.get(segment)!.features
    features.set(from.subarray(row * featureLength, (row + 1) * featureLength), n * featureLength)
  })
  return {
    version,
    count: ids.length,
    features,
    groups: groupLookAlikes(places.map(({ entry }) => entry.fingerprint)),
    credit: (index) => {
      const place = places[index]
      if (!place) throw new RangeError(`expected a tile index below ${ids.length}, got ${index}`)
      const { id, source, author } = place.entry
      return { id, source, ...(author && { author }) }
    },
    pixels: (width, height) => {
      const name = `${version}-${width}x${height}.rgb`
      const { pixels, loading } = sharedOf(options.store)
      const kept = pixels.get(name)
      if (kept) return Promise.resolve(kept)
      const going = loading.get(name)
      if (going) return going
      const reading = loadPixels(options, ids, name, width, height).finally(() => loading.delete(name))
      loading.set(name, reading)
      return reading
    },
  }
}

async function loadPixels(
  options: OpenTileLibraryOptions,
  ids: string[],
  name: string,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const { cacheDirectory } = options
  const length = ids.length * width * height * 3
  let pixels = await readCachedPixels(cacheDirectory, name, length)
  if (!pixels) {
    pixels = await readPixels(options, ids, width, height)
    await writeCachedPixels(cacheDirectory, name, pixels)
  }
  sharedOf(options.store).pixels.set(name, pixels)
  return pixels
}

/** Reads from the current segments: those at the time of opening may have been merged since. */
async function readPixels(
  { store, library }: OpenTileLibraryOptions,
  ids: string[],
  width: number,
  height: number,
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    const { tiles, segments } = await readLibrary(store, library)
    const wanted = new Map<string, { row: number; index: number }[]>()
    for (const [index, id] of ids.entries()) {
      const place = tiles.get(id)
      if (!place)
        throw new TileLibraryError(
          'library_changed',
          `The tile ${id} was removed from the library "${library}" while it was in use.`,
        )
      const rows = wanted.get(place.segment) ?? []
      rows.push({ row: place.row, index })
      wanted.set(place.segment, rows)
    }
    const cell = width * height * 3
    const out = new Uint8Array(ids.length * cell)
    try {
      for (const [segment, rows] of wanted) {
        const read = rangeReader(store, segment)
        const all = await readSegmentPixels(`raw/${segment}`, segments.get(segment)!, read)
        const resized = new Uint8Array((all.length / tileBytes) * cell)
        await resizeTiles(all, width, height, resized)
        for (const { row, index } of rows)
          out.set(resized.subarray(row * cell, (row + 1) * cell), index * cell)
      }
      return out
    } catch (error) {
      if (!(error instanceof ObjectNotFound) || attempt === 5) throw error
    }
  }
}
