/** Listeners: types shared by the API, the workflows and the workers. */
import type { MosaicParams } from './job.ts'

/** `mentions`: polls the account's mentions, which is cheapest. `stream`: receives every post with the hashtag. */
export type ListenMode = 'mentions' | 'stream'

export interface ListenerConfig {
  network: string
  /** Without `#`. */
  hashtag: string
  mode: ListenMode
  /** People who send this word to the account get no replies. */
  optOutWord: string
  /** How the mosaics are made. */
  params: MosaicParams
}

export interface ListenerState {
  /** When it was started, ms since 1970: older posts are ignored. */
  since: number
  /** Posts up to this one have been handled. Absent: none yet. */
  sinceId?: string
  /** Mosaics started so far. */
  mosaics: number
  /** Why it waits before it listens again: an error that retrying at once will not fix. */
  reason?: string
}

export interface ListenerJob {
  config: ListenerConfig
  state: ListenerState
}

/** Heartbeat details of the running step. */
export interface ListenProgress extends ListenerState {
  /** `waiting`: it is backing off, for the given reason. */
  doing: 'listening' | 'waiting'
  reason?: string
}

/** One listener per account: workflow IDs are unique. */
export const listenerId = (network: string, account: string) => `listener-${network}-${account.toLowerCase()}`
