/** What a listener is: the words that the API, the workflows and the workers share. */
import type { MosaicParams } from './job.ts'

/** `mentions`: polls what is said to the own account, the cheapest way. `stream`: every post under the hashtag. */
export type ListenMode = 'mentions' | 'stream'

export interface ListenerConfig {
  network: string
  /** Without `#`. */
  hashtag: string
  mode: ListenMode
  /** Who says it to us wants no answers. */
  optOutWord: string
  /** How the mosaics are made. */
  params: MosaicParams
}

export interface ListenerState {
  /** When it was asked for, ms since 1970: older posts are none of its business. */
  since: number
  /** Posts up to this one are seen to. Absent: none was seen yet. */
  sinceId?: string
  /** Mosaics that were started. */
  mosaics: number
}

export interface ListenerJob {
  config: ListenerConfig
  state: ListenerState
}

/** What the running step's heartbeat tells. */
export interface ListenProgress extends ListenerState {
  /** `waiting`: it backs off, for the reason given. */
  doing: 'listening' | 'waiting'
  reason?: string
}

/** One listener for each account: Temporal's uniqueness of IDs sees to it. */
export const listenerId = (network: string, account: string) => `listener-${network}-${account.toLowerCase()}`
