/**
 * The gallery cache: the gallery's entries, newest first, without reading the object store. It can be lost at any moment and is
 * rebuilt from the object store, which is the source of truth.
 */

/** A mosaic in the gallery. The first five fields are exactly those of the older system. */
export interface GalleryEntry {
  id: string
  url_small: string
  url_large: string
  /** Handle of the person that the mosaic was made for, without `@`; empty if nobody is named. */
  username: string
  /** RFC 3339, UTC. Determines the gallery's order. */
  date: string
  /** Display name, any Unicode. */
  author?: string
  post_url?: string
  /** Width of the large picture, pixels. */
  width?: number
  height?: number
  /** At most 512 px a side: the largest level of the deep zoom that is one tile. Absent without a deep zoom. */
  url_preview?: string
  /** A placeholder of about 25 bytes, base64, shown while the picture loads: https://evanw.github.io/thumbhash/ */
  thumbhash?: string
}

export interface GalleryPage {
  entries: GalleryEntry[]
  /** Number of all mosaics. */
  total: number
  /** Pass as `after` to get the following page; absent on the last one. */
  next?: string
}

export interface GalleryCache {
  /** One line for people, without secrets. */
  readonly description: string
  /** Adds or replaces. A repeat is a no-op. */
  put(entry: GalleryEntry): Promise<void>
  get(id: string): Promise<GalleryEntry | undefined>
  /**
   * Newest first, ties by ID. `after` is the `next` of a page. The number of round trips does not depend on the page's length.
   * `by`: only one person's mosaics, by handle or name, with or without `@`, case-insensitive for ASCII.
   */
  page(options: { limit: number; after?: string; by?: string }): Promise<GalleryPage>
  remove(id: string): Promise<void>
  /** Replaces all entries atomically: readers see the old or the new ones, never a mixture. */
  replaceAll(entries: Iterable<GalleryEntry> | AsyncIterable<GalleryEntry>): Promise<number>
  /** False if the cache was never filled or has been flushed, and must be rebuilt. */
  isWarm(): Promise<boolean>
  open(): Promise<void>
  close(): Promise<void>
}
