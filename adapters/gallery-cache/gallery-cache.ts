/**
 * The gallery cache: what the gallery shows, newest first, without touching the object store.
 * It can be lost at any moment; the object store is the truth and it is rebuilt from there.
 */

/** One mosaic of the gallery. The first five fields are the older system's, letter by letter. */
export interface GalleryEntry {
  id: string
  url_small: string
  url_large: string
  /** Handle of the person who asked, without `@`; empty when nobody is named. */
  username: string
  /** RFC 3339, UTC. The gallery's order. */
  date: string
  /** Name as the person writes it, any Unicode. */
  author?: string
  post_url?: string
  /** Pixels of the large picture. */
  width?: number
  height?: number
  /** At most 512 px a side: a level of the deep zoom that is one tile. Absent for what has no deep zoom. */
  url_preview?: string
  /** The picture in about 25 bytes, base64, shown until it arrives: https://evanw.github.io/thumbhash/ */
  thumbhash?: string
}

export interface GalleryPage {
  entries: GalleryEntry[]
  /** How many mosaics there are in all. */
  total: number
  /** Pass as `after` for the following page; absent on the last. */
  next?: string
}

export interface GalleryCache {
  /** One line for people, without secrets. */
  readonly description: string
  /** Adds or replaces. A repeat is a no-op. */
  put(entry: GalleryEntry): Promise<void>
  get(id: string): Promise<GalleryEntry | undefined>
  /**
   * Newest first, ties by ID. `after` is a page's `next`. A fixed number of round trips, however long the page.
   * `by`: only one person's, by handle or by name: with or without `@`, upper or lower case (of ASCII) alike.
   */
  page(options: { limit: number; after?: string; by?: string }): Promise<GalleryPage>
  remove(id: string): Promise<void>
  /** Makes the cache hold exactly these. Readers see the old or the new whole, never a mixture. */
  replaceAll(entries: Iterable<GalleryEntry> | AsyncIterable<GalleryEntry>): Promise<number>
  /** False on a cache that never was filled or has been flushed: the sign to rebuild. */
  isWarm(): Promise<boolean>
  open(): Promise<void>
  close(): Promise<void>
}
