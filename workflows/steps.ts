/** The steps as workflows call them: for each kind of work its queue, its time-outs and its patience, declared once. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { taskQueues } from './contract/task-queues.ts'

/**
 * Reads and idempotent writes retry until the world has had a fair chance to heal: 1 s doubling to 30 s is about
 * two and a half minutes in eight attempts. What cannot heal (bad input) is thrown as non-retryable by the step itself.
 */
const patient = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 8 }

/**
 * For steps with a heartbeat: a cancelled job is over when its step has let go of everything, not before. What it left
 * is only then taken away.
 */
const heartbeating = {
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const

/** CPU work fails by its input or by the death of its worker; the heartbeat, one a second, tells of the latter in 10 s. */
const heavy = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 5 }

const { download } = proxyActivities<Activities>({
  taskQueue: taskQueues.download,
  startToCloseTimeout: '3m',
  scheduleToCloseTimeout: '1h',
  ...heartbeating,
  retry: patient,
})

const { tileMatch, editPlan } = proxyActivities<Activities>({
  taskQueue: taskQueues.tileMatch,
  startToCloseTimeout: '15m',
  ...heartbeating,
  retry: heavy,
})

const { compose } = proxyActivities<Activities>({
  taskQueue: taskQueues.compose,
  startToCloseTimeout: '30m',
  ...heartbeating,
  retry: heavy,
})

const { thumbnail } = proxyActivities<Activities>({
  taskQueue: taskQueues.compose,
  startToCloseTimeout: '5m',
  ...heartbeating,
  retry: heavy,
})

const { upload } = proxyActivities<Activities>({
  taskQueue: taskQueues.upload,
  startToCloseTimeout: '30m',
  ...heartbeating,
  retry: patient,
})

const { cache, askModerator } = proxyActivities<Activities>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '1m',
  retry: patient,
})

/** Housekeeping: worth a few tries, but no finished job waits minutes for it. */
const { discardWork, withdraw, keepRecord } = proxyActivities<Activities>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '5m',
  retry: { ...patient, maximumAttempts: 3 },
})

/**
 * The world sees this one. It may be tried again because it looks first whether an earlier try has got through; how long
 * to wait is its own to say, since networks name a time. After two days the job says how things stand, and a person decides.
 */
const { tweet } = proxyActivities<Activities>({
  taskQueue: taskQueues.tweet,
  startToCloseTimeout: '5m',
  scheduleToCloseTimeout: '48h',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '5m' },
})

/**
 * Holds a connection for an hour at a time. What the network does to it is its own to bear; what makes it fail is here:
 * a dead worker, noticed in 5 s, or Temporal itself. It goes on where its last heartbeat was.
 */
const { listen } = proxyActivities<Activities>({
  taskQueue: taskQueues.listen,
  startToCloseTimeout: '2h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
})

/** One page of posts. For as long as it takes: a network that says no for a week says yes after it. */
const { collect } = proxyActivities<Activities>({
  taskQueue: taskQueues.listen,
  startToCloseTimeout: '5m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' },
})

/** For as long as it takes: a disk or a store that is away comes back. */
const { lookIntoInbox } = proxyActivities<Activities>({
  taskQueue: taskQueues.download,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' },
})

/** For as long as it takes, as `collect`. */
const { findGone } = proxyActivities<Activities>({
  taskQueue: taskQueues.listen,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' },
})

const { forgetPosts } = proxyActivities<Activities>({
  taskQueue: taskQueues.tileIndex,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' },
})

/** Same queue as its workflow: the step starts in the process that took the request, without a round trip. */
const { resize } = proxyActivities<Activities>({
  taskQueue: taskQueues.resize,
  startToCloseTimeout: '5m',
  ...heartbeating,
  retry: heavy,
})

const { removeAuthor, findMosaics } = proxyActivities<Activities>({
  taskQueue: taskQueues.tileIndex,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: patient,
})

/** A few mosaics a step, each as long as composing takes. */
const { remakeMosaics } = proxyActivities<Activities>({
  taskQueue: taskQueues.compose,
  startToCloseTimeout: '6h',
  ...heartbeating,
  retry: heavy,
})

const { indexTiles } = proxyActivities<Activities>({
  taskQueue: taskQueues.tileIndex,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: patient,
})

/** A batch may begin with large pictures behind slow addresses. */
const { bulkResize, bulkPlan, bulkGather } = proxyActivities<Activities>({
  taskQueue: taskQueues.bulk,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: patient,
})

/** By the names that a job's progress tells. The last three are housekeeping and no stage of any job. */
export const steps = {
  download,
  'tile-match': tileMatch,
  'edit-plan': editPlan,
  compose,
  thumbnail,
  upload,
  cache,
  'ask-moderator': askModerator,
  tweet,
  listen,
  collect,
  'find-gone': findGone,
  'forget-posts': forgetPosts,
  'look-into-inbox': lookIntoInbox,
  resize,
  'index-tiles': indexTiles,
  'remove-author': removeAuthor,
  'find-mosaics': findMosaics,
  'remake-mosaics': remakeMosaics,
  'bulk-plan': bulkPlan,
  'bulk-resize': bulkResize,
  'bulk-gather': bulkGather,
  'discard-work': discardWork,
  withdraw,
  'keep-record': keepRecord,
}

export type Steps = typeof steps
export type StepName = keyof Steps
