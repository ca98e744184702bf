/** Inboxes: the types that the API, the workflows and the workers share. */
import type { MosaicParams } from './job.ts'

export interface InboxConfig {
  /** Letters, digits, hyphens. */
  name: string
  /** A folder on the workers' machine, or a prefix of the bucket `in`. */
  place: { folder: string } | { prefix: string }
  /** What each new picture becomes: a mosaic, or a tile of a library. */
  makes: { mosaic: MosaicParams } | { tiles: string }
  /** Seconds between two looks. */
  everySeconds: number
}

export interface InboxState {
  doing: 'looking' | 'resting' | 'paused' | 'stopped'
  paused: boolean
  /** Why it paused by itself: what went wrong will not get better by trying again. */
  reason?: string
  /** Pictures so far: jobs that were started, or tiles that were added. */
  taken: number
  /** Files so far that could not be used, and the last of them. */
  skipped: number
  lastSkipped?: { name: string; code: string; message: string }
  /** A list in the store: pictures that the last look passed on, for the next one to mark as seen. */
  handed?: { bucket: 'in' | 'raw' | 'large' | 'small'; key: string }
}

export interface InboxJob {
  config: InboxConfig
  state: InboxState
}

/** One for each name: Temporal's uniqueness of IDs sees to it. */
export const inboxId = (name: string) => `inbox-${name}`

export const newInbox: InboxState = { doing: 'looking', paused: false, taken: 0, skipped: 0 }
