/** What each task queue serves, and how much of it one process does at a time. */
import { availableParallelism } from 'node:os'
import type { Activities } from '../activities/index.ts'
import type { TaskQueue } from '../workflows/contract/task-queues.ts'

export interface QueueService {
  /** Whether this queue carries workflow tasks. A worker without them needs no bundle and no isolate. */
  workflows: boolean
  steps: readonly (keyof Activities)[]
  /** Concurrent steps in one process. Temporal's default is 100, which is far too many for CPU-bound work. */
  slots: number
}

const cores = availableParallelism()

export const queueServices: Record<TaskQueue, QueueService> = {
  orchestration: { workflows: true, steps: [], slots: 1 },
  // libvips decodes and encodes off the event loop, with one thread per picture.
  resize: { workflows: true, steps: ['resize'], slots: cores },
  // `notify` has a queue of its own now, but webhooks scheduled before that are retried here for up to a day. Only for one release:
  // see docs/changing-a-workflow.md.
  download: { workflows: false, steps: ['download', 'lookIntoInbox', 'notify'], slots: 16 },
  webhook: { workflows: false, steps: ['notify'], slots: 32 },
  // One at a time, because it uses every core by itself.
  'tile-match': { workflows: false, steps: ['tileMatch', 'editPlan'], slots: 1 },
  compose: {
    workflows: false,
    steps: ['compose', 'thumbnail', 'remakeMosaics'],
    slots: Math.max(1, Math.floor(cores / 2)),
  },
  upload: { workflows: false, steps: ['upload'], slots: 4 },
  listen: { workflows: false, steps: ['listen', 'collect', 'findGone'], slots: 32 },
  // Mostly waits for the network; its rate is limited separately.
  tweet: { workflows: false, steps: ['tweet'], slots: 4 },
  // Single photos wait for the store and for Temporal more than for a core (`addTiles` limits the CPU-bound part), and a guest's
  // single photo should not wait behind a thousand of a collector's.
  'tile-index': {
    workflows: false,
    steps: ['indexTiles', 'countTiles', 'removeAuthor', 'findMosaics', 'forgetPosts'],
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
      'sweepWork',
      'expireResults',
      'expireUploads',
    ],
    slots: 16,
  },
}
