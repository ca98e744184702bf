/** Collectors: types shared by the API, the workflows and the workers. */

export interface CollectorConfig {
  network: string
  /** Without `#`; a post needs any one of them. */
  hashtags: string[]
  /** The tile library that it fills. */
  library: string
  /** Maximum posts read per day (UTC): networks charge for each. */
  dailyReads: number
  /** BCP 47 tags; empty: all languages. */
  languages: string[]
  /** Minimum length of a photo's shorter side, pixels. */
  smallestSide: number
  /** Maximum photos by one author per page, so that nobody fills a library alone. */
  photosPerAuthor: number
  /** It stops reading once the library has this many tiles. */
  tilesAtMost: number
  /** Polling interval once everything has been read, seconds. */
  everySeconds: number
}

export type CollectorDoing = 'collecting' | 'resting' | 'paused' | 'budget_spent' | 'full' | 'stopped'

export interface CollectorState {
  doing: CollectorDoing
  paused: boolean
  /** Why it paused itself: an error that retrying will not fix. */
  reason?: string
  /** Everything up to this post has been read. */
  sinceId?: string
  /** While it reads older pages: the future `sinceId`, and how far back it has read. */
  newestId?: string
  untilId?: string
  /** The day of `reads`, such as 2026-11-21. */
  day: string
  reads: number
  readsEver: number
  /** Tiles added by it. */
  added: number
  /** Tiles in the library when it last added or counted some. */
  size: number
}

export interface CollectorJob {
  config: CollectorConfig
  state: CollectorState
}

/** One collector per network and library: workflow IDs are unique. */
export const collectorId = (network: string, library: string) => `collector-${network}-${library}`

export const newCollector: CollectorState = {
  ...{ doing: 'collecting', paused: false, day: '', reads: 0, readsEver: 0, added: 0, size: 0 },
}
