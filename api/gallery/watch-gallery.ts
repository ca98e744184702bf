/** Watches the gallery: one poller asks the cache, however many clients watch. */
import type { GalleryCache, GalleryEntry } from '../../adapters/gallery-cache/gallery-cache.ts'
import { compare, placeOf } from '../../adapters/gallery-cache/order.ts'
import { sharedLook } from '../http/shared-look.ts'

/** Polling interval while somebody watches, ms: one round trip, and news is at most this old. */
const intervalMs = 700
/** Number of newest entries watched. Changes further down show at the next visit. */
const watched = 50

export interface GalleryChange {
  /** IDs of new mosaics, newest first. */
  added: string[]
  /** IDs of removed mosaics. */
  removed: string[]
}

/**
 * Polls, because with Redis other processes change the cache.
 *
 * @param intervalMilliseconds for tests
 * @returns changes from now until `signal` aborts. Throws if the cache cannot be read.
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

/** IDs in `list` missing from `other`, as far back as `other` reaches: what fell off its end is not gone. */
function missingIn(other: readonly GalleryEntry[], list: readonly GalleryEntry[]): string[] {
  const ids = new Set(other.map(({ id }) => id))
  const last = other.length < watched ? undefined : other.at(-1)
  const reaches = (entry: GalleryEntry) => !last || compare(placeOf(entry), placeOf(last)) < 0
  return list.filter((entry) => !ids.has(entry.id) && reaches(entry)).map(({ id }) => id)
}
