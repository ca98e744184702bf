/** Inboxes: types shared by the API, the workflows and the workers. */
import type { MosaicParams } from './job.ts'

export interface InboxConfig {
  /** Letters, digits, hyphens. */
  name: string
  /** A folder on the workers' machine, or a prefix of the bucket `in`. */
  place: { folder: string } | { prefix: string }
  /** What each new picture becomes: a mosaic, or a tile of a library. */
  makes: { mosaic: MosaicParams } | { tiles: string }
  /** Polling interval, seconds. */
  everySeconds: number
}

export interface InboxState {
  doing: 'looking' | 'resting' | 'paused' | 'stopped'
  paused: boolean
  /** Why it paused itself: an error that retrying will not fix. */
  reason?: string
  /** Pictures taken so far: jobs started, or tiles added. */
  taken: number
  /** Unusable files so far, and the last of them. */
  skipped: number
  lastSkipped?: { name: string; code: string; message: string }
  /** A list in the store: pictures that the last scan passed on, which the next one marks as seen. */
  handed?: { bucket: 'in' | 'raw' | 'large' | 'small'; key: string }
}

export interface InboxJob {
  config: InboxConfig
  state: InboxState
}

/** One inbox per name: workflow IDs are unique. */
export const inboxId = (name: string) => `inbox-${name}`

export const newInbox: InboxState = { doing: 'looking', paused: false, taken: 0, skipped: 0 }
