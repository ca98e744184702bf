/** The gallery cache in memory: the default, lost with the process. */
import type { GalleryCache, GalleryEntry, GalleryPage } from './gallery-cache.ts'
import { checkLimit, compare, cursorOf, type Place, placeBehind, placeOf } from './order.ts'
import { asPerson, personsOf } from './persons.ts'

interface Kept extends Place {
  entry: GalleryEntry
}

export class MemoryGalleryCache implements GalleryCache {
  readonly description = 'memory of this process'
  #kept = new Map<string, Kept>()
  /** In the gallery's order; absent after a change, until it is needed. */
  #sorted: Kept[] | undefined
  #warm = false
  /** Changes since the start of each running replacement, which must not be overwritten by older data. */
  readonly #journals = new Set<Map<string, Kept | undefined>>()

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async put(entry: GalleryEntry): Promise<void> {
    this.#change(entry.id, { ...placeOf(entry), entry: { ...entry } })
  }

  async remove(id: string): Promise<void> {
    this.#change(id, undefined)
  }

  async get(id: string): Promise<GalleryEntry | undefined> {
    const kept = this.#kept.get(id)
    return kept && { ...kept.entry }
  }

  async page({ limit, after, by }: { limit: number; after?: string; by?: string }): Promise<GalleryPage> {
    checkLimit(limit)
    this.#sorted ??= [...this.#kept.values()].sort(compare)
    const all = by === undefined ? this.#sorted : this.#sorted.filter(({ entry }) => isBy(entry, by))
    const behind = after === undefined ? undefined : placeBehind(after)
    const start = behind === undefined ? 0 : all.findIndex((kept) => compare(kept, behind) > 0)
    const some = start === -1 ? [] : all.slice(start, start + limit + 1)
    const page: GalleryPage = {
      entries: some.slice(0, limit).map(({ entry }) => ({ ...entry })),
      total: all.length,
    }
    if (some.length > limit) page.next = cursorOf(some[limit - 1]!)
    return page
  }

  async replaceAll(entries: Iterable<GalleryEntry> | AsyncIterable<GalleryEntry>): Promise<number> {
    const journal = new Map<string, Kept | undefined>()
    this.#journals.add(journal)
    try {
      const fresh = new Map<string, Kept>()
      for await (const entry of entries) fresh.set(entry.id, { ...placeOf(entry), entry: { ...entry } })
      for (const [id, kept] of journal) set(fresh, id, kept)
      this.#kept = fresh
      this.#sorted = undefined
      this.#warm = true
      return fresh.size
    } finally {
      this.#journals.delete(journal)
    }
  }

  async isWarm(): Promise<boolean> {
    return this.#warm
  }

  #change(id: string, kept: Kept | undefined): void {
    set(this.#kept, id, kept)
    for (const journal of this.#journals) journal.set(id, kept)
    this.#sorted = undefined
  }
}

function set(map: Map<string, Kept>, id: string, kept: Kept | undefined): void {
  if (kept === undefined) map.delete(id)
  else map.set(id, kept)
}

const isBy = (entry: GalleryEntry, by: string) => personsOf(entry).includes(asPerson(by))
