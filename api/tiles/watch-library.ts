/** Watches tile libraries: one poller per library, however many walls show it. */
import { sharedLook } from '../http/shared-look.ts'
import type { LibraryTile } from '../schemas/tiles.ts'

/** Polling interval, ms: a poll is one call to the store, since everything already read stays valid. */
const intervalMs = 300

export interface LibraryChange {
  added: LibraryTile[]
  /** IDs of removed tiles. */
  removed: string[]
}

/**
 * Polls, because other processes add to libraries.
 *
 * @param list returns the tiles of a library in the order in which they were added; empty if it does not exist
 * @returns changes from now until `signal` aborts
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
