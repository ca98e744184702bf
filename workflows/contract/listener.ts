/** Listeners: the types that the API, the workflows and the workers share. */
import type { MosaicParams } from './job.ts'

/** `mentions`: polls the mentions of the account, which is cheapest. `stream`: every post with the hashtag. */
export type ListenMode = 'mentions' | 'stream'

export interface ListenerConfig {
  network: string
  /** Without `#`. */
  hashtag: string
  mode: ListenMode
  /** Whoever sends it to the account wants no replies. */
  optOutWord: string
  /** How the mosaics are made. */
  params: MosaicParams
}

export interface ListenerState {
  /** When it was started, ms since 1970: older posts are ignored. */
  since: number
  /** Posts up to this one have been handled. Absent: none yet. */
  sinceId?: string
  /** Mosaics that were started. */
  mosaics: number
}

export interface ListenerJob {
  config: ListenerConfig
  state: ListenerState
}

/** What the heartbeat of the running step carries. */
export interface ListenProgress extends ListenerState {
  /** `waiting`: it backs off, for the given reason. */
  doing: 'listening' | 'waiting'
  reason?: string
}

/** One listener per account, guaranteed by the uniqueness of workflow IDs. */
export const listenerId = (network: string, account: string) => `listener-${network}-${account.toLowerCase()}`
