import pLimit from 'p-limit'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { photoKey, removedKey } from './layout.ts'
import { listKeys, readLibrary } from './library-state.ts'
import { createOnce, eraseRemoved } from './merge-segments.ts'
import { TileLibraryError } from './tile-library-error.ts'

export interface RemoveTilesResult {
  removed: number
  /** IDs that the library does not have. */
  unknown: string[]
  /** Tiles in the library now. */
  size: number
}

/**
 * Removes tiles for good: they disappear for readers at once, then photo and pixels are deleted. A photo that is added again
 * later becomes a tile again.
 *
 * @throws TileLibraryError, ObjectStoreError
 */
export async function removeTiles(options: {
  store: ObjectStore
  library: string
  tileIds: readonly string[]
}): Promise<RemoveTilesResult> {
  const { store, library } = options
  const { segments, tiles, removedAt } = await readLibrary(store, library)
  if (segments.size === 0) throw libraryNotFound(library)
  const asked = [...new Set(options.tileIds)]
  const present = asked.filter((id) => tiles.has(id))
  const limit = pLimit(16)
  const now = Date.now()
  await Promise.all(
    present.map((id) =>
      limit(() => {
        const at = Math.max(now, tiles.get(id)!.entry.addedAt, removedAt.get(id) ?? 0)
        return createOnce(store, removedKey(library, id, at), new Uint8Array(), 'application/octet-stream')
      }),
    ),
  )
  // Including tiles already removed: an earlier removal may have been killed at this point.
  await store.delete(
    'raw',
    asked.filter((id) => tiles.has(id) || removedAt.has(id)).map((id) => photoKey(library, id)),
  )
  const left = await eraseRemoved(store, library)
  return {
    removed: present.length,
    unknown: asked.filter((id) => !tiles.has(id)),
    size: left.tiles.size,
  }
}

/**
 * Deletes a library with everything in it. Photos added at the same time may stay.
 * @throws TileLibraryError, ObjectStoreError
 */
export async function removeLibrary(options: {
  store: ObjectStore
  library: string
}): Promise<{ removed: number }> {
  const { store, library } = options
  const { tiles } = await readLibrary(store, library)
  const keys = await listKeys(store, `${library}/`)
  if (keys.length === 0) throw libraryNotFound(library)
  // Segments first, so that no reader sees tiles whose photos are already deleted.
  const segmentsFirst = keys.toSorted((one, other) => rank(one) - rank(other))
  for (let at = 0; at < keys.length; at += 1000) await store.delete('raw', segmentsFirst.slice(at, at + 1000))
  return { removed: tiles.size }
}

const rank = (key: string): number => (key.includes('/segments/') ? 0 : 1)

export function libraryNotFound(library: string): TileLibraryError {
  return new TileLibraryError(
    'library_not_found',
    `There is no tile library named "${library}". Add photos to create it: mosaicme tiles add FOLDER --library ${library}`,
  )
}
