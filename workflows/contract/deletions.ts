/** Deleted posts: types shared by the API, the workflows and the workers. */

export interface DeletionsConfig {
  network: string
  /** Maximum posts looked up per day: networks charge for each. With more posts than that, a round takes several days. */
  lookUpsPerDay: number
}

export interface DeletionsState {
  /** Resume after this post. Absent: a new round begins. */
  afterId?: string
  lookedUp: number
  /** Deleted posts so far, and what was removed with them. */
  gone: number
  tiles: number
  mosaics: number
  /** RFC 3339. */
  lookedAt?: string
  /** Why the last look failed: an error that retrying will not fix. */
  reason?: string
}

export interface DeletionsJob {
  config: DeletionsConfig
  state: DeletionsState
}

export const newDeletions: DeletionsState = { lookedUp: 0, gone: 0, tiles: 0, mosaics: 0 }

export const deletionsId = (network: string) => `deletions-${network}`
