/** One task queue per kind of work, so that each can be scaled, limited and deployed on its own. */
export const taskQueues = {
  /** Workflow tasks of everything but resizes: small and many. */
  orchestration: 'orchestration',
  /** Resize: workflow and step on one queue, so that both start eagerly in the process that received the request. */
  resize: 'resize',
  /** Network-bound: fetching photos. */
  download: 'download',
  /** CPU-bound: every core, one job at a time. */
  tileMatch: 'tile-match',
  /** CPU-bound: renders the large and the small picture. */
  compose: 'compose',
  /** I/O-bound: publishes finished pictures in the store. */
  upload: 'upload',
  /** Reads from social networks: one long-lived connection per account, and the collectors' requests. */
  listen: 'listen',
  /** Network-bound: webhooks. Theirs alone, since a receiver may take a minute to answer each. */
  webhook: 'webhook',
  /** Posts to social networks, rate-limited by them. */
  tweet: 'tweet',
  /** CPU-bound: turns photos into tiles of a library. */
  tileIndex: 'tile-index',
  /** CPU-bound: batches of bulk jobs, kept apart from single resizes, for which people wait. */
  bulk: 'bulk',
  /** I/O-bound: the gallery. */
  cache: 'cache',
} as const

export type TaskQueue = (typeof taskQueues)[keyof typeof taskQueues]
export const allTaskQueues: readonly TaskQueue[] = Object.values(taskQueues)
