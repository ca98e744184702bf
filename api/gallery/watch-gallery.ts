/** Watches the gallery for everybody who looks: however many do, one poller asks the cache. */
import type { GalleryCache, GalleryEntry } from '../../adapters/gallery-cache/gallery-cache.ts'
import { compare, placeOf } from '../../adapters/gallery-cache/order.ts'
import { sharedLook } from '../http/shared-look.ts'

/** How often the newest are asked for while somebody watches: one round trip, and news is at most this old. */
const intervalMs = 700
/** How many of the newest are watched. What came and went deeper down is seen at the next visit. */
const watched = 50

export interface GalleryChange {
  /** IDs of mosaics that came, the newest first. */
  added: string[]
  /** IDs of mosaics that are gone. */
  removed: string[]
}

/**
 * Asked, not told: with Redis the cache is changed by other processes.
 *
 * @param intervalMilliseconds for tests
 * @returns the changes from the moment of the call on, until `signal` says so. Throws when the cache cannot be read.
 */
export function createGalleryWatch(
  cache: GalleryCache,
  intervalMilliseconds = intervalMs,
): (signal: AbortSignal) => AsyncGenerator<GalleryChange> {
  const newest = async () => (await cache.page({ limit: watched })).entries
  const next = sharedLook(newest, intervalMilliseconds)

  return async function* (signal) {
    let before = await newest()
    while (!signal.aborted) {
      const now = await next()
      const change = { added: missingIn(before, now), removed: missingIn(now, before) }
      before = now
      if (!signal.aborted && change.added.length + change.removed.length > 0) yield change
    }
  }
}

/** IDs of `list` that `other` lacks although it reaches that far back: what fell off its end is not gone. */
function missingIn(other: readonly GalleryEntry[], list: readonly GalleryEntry[]): string[] {
  const ids = new Set(other.map(({ id }) => id))
  const last = other.length < watched ? undefined : other.at(-1)
  const reaches = (entry: GalleryEntry) => !last || compare(placeOf(entry), placeOf(last)) < 0
  return list.filter((entry) => !ids.has(entry.id) && reaches(entry)).map(({ id }) => id)
}
