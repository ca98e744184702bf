/** Deleted posts: the types that the API, the workflows and the workers share. */

export interface DeletionsConfig {
  network: string
  /** Maximum number of posts looked up per day, because networks charge for each. With more posts, a round takes several days. */
  lookUpsPerDay: number
}

export interface DeletionsState {
  /** The round continues after this post. Absent: a new round begins. */
  afterId?: string
  lookedUp: number
  /** Deleted posts so far, and what was removed with them. */
  gone: number
  tiles: number
  mosaics: number
  /** RFC 3339. */
  lookedAt?: string
}

export interface DeletionsJob {
  config: DeletionsConfig
  state: DeletionsState
}

export const deletionsId = (network: string) => `deletions-${network}`
