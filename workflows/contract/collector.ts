/** Collectors: the types that the API, the workflows and the workers share. */

export interface CollectorConfig {
  network: string
  /** Without `#`; posts under any of them. */
  hashtags: string[]
  /** The tile library that it fills. */
  library: string
  /** Maximum number of posts read per day (UTC), because networks charge for each. */
  dailyReads: number
  /** BCP 47; empty: all. */
  languages: string[]
  /** Minimum length of a photo's shorter side, pixels. */
  smallestSide: number
  /** Maximum number of photos by one author from one page, so that nobody fills a library alone. */
  photosPerAuthor: number
  /** It rests once the library has this many. */
  tilesAtMost: number
  /** Seconds between two looks once everything has been read. */
  everySeconds: number
}

export type CollectorDoing = 'collecting' | 'resting' | 'paused' | 'budget_spent' | 'full' | 'stopped'

export interface CollectorState {
  doing: CollectorDoing
  paused: boolean
  /** Why it paused by itself: what went wrong will not get better by trying again. */
  reason?: string
  /** Everything up to this post has been read. */
  sinceId?: string
  /** While it reads older pages: what `sinceId` will become, and how far back it has read. */
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

/** One collector per library and network, guaranteed by the uniqueness of workflow IDs. */
export const collectorId = (network: string, library: string) => `collector-${network}-${library}`

export const newCollector: CollectorState = {
  ...{ doing: 'collecting', paused: false, day: '', reads: 0, readsEver: 0, added: 0, size: 0 },
}
