/** What watches for posts that their authors delete: the words that the API, the workflows and the workers share. */

export interface DeletionsConfig {
  network: string
  /** Posts looked up in a day at most: networks charge for each. With more of them a round takes several days. */
  lookUpsPerDay: number
}

export interface DeletionsState {
  /** The round goes on behind this post. Absent: a new one begins. */
  afterId?: string
  lookedUp: number
  /** Gone posts, and what left with them, ever. */
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
