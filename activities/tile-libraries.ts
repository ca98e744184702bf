/** The tile libraries of this process: opened once, shared by the steps, reopened when they change. */
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import type { TileSet } from '../engine/index.ts'
import { ensureStarterLibrary, openTileLibrary, starterLibrary } from './tile-library/index.ts'

export interface TileLibraries {
  open(library: string, signal: AbortSignal): Promise<TileSet>
}

export function createTileLibraries({
  store,
  cacheDirectory,
}: {
  store: ObjectStore
  /** Folder for data that can be recomputed from the store: features and pixels of opened libraries. */
  cacheDirectory: string
}): TileLibraries {
  return {
    async open(library, signal) {
      // Drawn once, by the first worker that needs it.
      if (library === starterLibrary) await ensureStarterLibrary({ store, signal })
      return await openTileLibrary({ store, library, cacheDirectory, signal })
    },
  }
}
