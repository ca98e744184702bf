/** What a collector is: the words that the API, the workflows and the workers share. */

export interface CollectorConfig {
  network: string
  /** Without `#`; posts under any of them. */
  hashtags: string[]
  /** The tile library that it fills. */
  library: string
  /** Posts read in a day (UTC) at most: what networks charge for. */
  dailyReads: number
  /** BCP 47; empty: all. */
  languages: string[]
  /** Of a photo's shorter side, pixels. */
  smallestSide: number
  /** Photos of one author from one page at most, so that nobody fills a library alone. */
  photosPerAuthor: number
  /** It rests when the library has so many. */
  tilesAtMost: number
  /** Seconds between two looks, when there is nothing left to read. */
  everySeconds: number
}

export type CollectorDoing = 'collecting' | 'resting' | 'paused' | 'budget_spent' | 'full' | 'stopped'

export interface CollectorState {
  doing: CollectorDoing
  paused: boolean
  /** Why it paused by itself: what it met will not heal by trying again. */
  reason?: string
  /** Everything up to this post is read. */
  sinceId?: string
  /** While it reads on from page to page: what `sinceId` will be, and how far back it is. */
  newestId?: string
  untilId?: string
  /** The day of `reads`, such as 2026-11-21. */
  day: string
  reads: number
  readsEver: number
  /** Tiles that it has added. */
  added: number
  /** Tiles in the library when it added last. */
  size: number
}

export interface CollectorJob {
  config: CollectorConfig
  state: CollectorState
}

/** One collector for each library of a network: Temporal's uniqueness of IDs sees to it. */
export const collectorId = (network: string, library: string) => `collector-${network}-${library}`

export const newCollector: CollectorState = {
  ...{ doing: 'collecting', paused: false, day: '', reads: 0, readsEver: 0, added: 0, size: 0 },
}
