/** One task queue per kind of work, so that each can be scaled, limited and deployed apart. */
export const taskQueues = {
  /** Workflow tasks of mosaics and tile imports: tiny and many. */
  orchestration: 'orchestration',
  /** Resize: workflow and step on one queue, so that both start eagerly in the process that received the request. */
  resize: 'resize',
  /** Network-bound: fetching photos. */
  download: 'download',
  /** CPU-bound: every core, one job at a time. */
  tileMatch: 'tile-match',
  /** CPU-bound: pixels to pictures, large and small. */
  compose: 'compose',
  /** I/O-bound: finished pictures to the store. */
  upload: 'upload',
  /** Reads from social networks: one long-lived connection per account, and the collectors' requests. */
  listen: 'listen',
  /** Rate-limited by the network we post to. */
  tweet: 'tweet',
  /** CPU-bound: photos to tiles of a library. */
  tileIndex: 'tile-index',
  /** CPU-bound: batches of bulk jobs, apart from single resizes, which people wait for. */
  bulk: 'bulk',
  /** I/O-bound: the gallery. */
  cache: 'cache',
} as const

export type TaskQueue = (typeof taskQueues)[keyof typeof taskQueues]
export const allTaskQueues: readonly TaskQueue[] = Object.values(taskQueues)
