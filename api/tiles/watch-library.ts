/** Watches tile libraries for the walls that show them: however many walls do, each library is looked at once. */
import { sharedLook } from '../http/shared-look.ts'
import type { LibraryTile } from '../schemas/tiles.ts'

/** How often a watched library is listed: one call to the store, since what was read of it once stays right. */
const intervalMs = 300

export interface LibraryChange {
  added: LibraryTile[]
  /** IDs of tiles that are gone. */
  removed: string[]
}

/**
 * Asked, not told: a library grows by whatever process adds to it.
 *
 * @param list the tiles of a library in the order of being added; none when nobody has made it yet
 * @returns the changes from the moment of the call on, until `signal` says so
 */
export function createLibraryWatch(
  list: (library: string) => Promise<LibraryTile[]>,
  intervalMilliseconds = intervalMs,
): (library: string, signal: AbortSignal) => AsyncGenerator<LibraryChange> {
  const watched = new Map<string, { watchers: number; next: () => Promise<LibraryTile[]> }>()

  return async function* (library, signal) {
    const watch = watched.get(library) ?? {
      watchers: 0,
      next: sharedLook(() => list(library), intervalMilliseconds),
    }
    watched.set(library, watch)
    watch.watchers += 1
    try {
      let before = await list(library)
      while (!signal.aborted) {
        const now = await watch.next()
        const change = { added: missingIn(before, now), removed: missingIn(now, before).map(({ id }) => id) }
        before = now
        if (!signal.aborted && change.added.length + change.removed.length > 0) yield change
      }
    } finally {
      watch.watchers -= 1
      if (watch.watchers === 0) watched.delete(library)
    }
  }
}

function missingIn(list: readonly LibraryTile[], other: readonly LibraryTile[]): LibraryTile[] {
  if (list === other) return []
  const ids = new Set(list.map(({ id }) => id))
  return other.filter(({ id }) => !ids.has(id))
}
