/** What each task queue serves, and how much of it one process takes on at a time. */
import { availableParallelism } from 'node:os'
import type { Activities } from '../activities/index.ts'
import type { TaskQueue } from '../workflows/contract/task-queues.ts'

export interface QueueService {
  /** Whether workflow tasks come on this queue. A worker without them needs no bundle and no isolate. */
  workflows: boolean
  steps: readonly (keyof Activities)[]
  /** Steps at a time in one process. Temporal's default is 100: far too many for work that fills a core. */
  slots: number
}

const cores = availableParallelism()

export const queueServices: Record<TaskQueue, QueueService> = {
  orchestration: { workflows: true, steps: [], slots: 1 },
  // libvips decodes and encodes off the event loop, on one thread for each picture.
  resize: { workflows: true, steps: ['resize'], slots: cores },
  download: { workflows: false, steps: ['download', 'lookIntoInbox', 'notify'], slots: 16 },
  // One at a time: it spreads over every core by itself.
  'tile-match': { workflows: false, steps: ['tileMatch', 'editPlan'], slots: 1 },
  compose: {
    workflows: false,
    steps: ['compose', 'thumbnail', 'remakeMosaics'],
    slots: Math.max(1, Math.floor(cores / 2)),
  },
  upload: { workflows: false, steps: ['upload'], slots: 4 },
  listen: { workflows: false, steps: ['listen', 'collect', 'findGone'], slots: 32 },
  // Mostly waiting for the network; how many a second is limited apart.
  tweet: { workflows: false, steps: ['tweet'], slots: 4 },
  // Photos that come one by one wait for the store and for Temporal more than for a core, which `addTiles` shares out; and one
  // guest's photo does not wait for a thousand of a collector's.
  'tile-index': {
    workflows: false,
    steps: ['indexTiles', 'removeAuthor', 'findMosaics', 'forgetPosts'],
    slots: 2 * cores,
  },
  bulk: { workflows: false, steps: ['bulkPlan', 'bulkResize', 'bulkGather'], slots: cores },
  cache: {
    workflows: false,
    steps: [
      'cache',
      'askModerator',
      'discardWork',
      'withdraw',
      'keepRecord',
      'keepLedger',
      'expireResults',
      'expireUploads',
    ],
    slots: 16,
  },
}
