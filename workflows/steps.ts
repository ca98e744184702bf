/** The steps as workflows call them: for each kind of work its task queue, time-outs and retries, declared once. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { taskQueues } from './contract/task-queues.ts'

/**
 * Reads and idempotent writes retry until an outage has had a fair chance to pass: 1 s doubling to 30 s is about two and a
 * half minutes in eight attempts. What cannot pass, such as bad input, is thrown as non-retryable by the step itself.
 */
const patient = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 8 }

/**
 * For steps with a heartbeat: a cancelled job waits until its step has really stopped, and only then removes what the step
 * has written.
 */
const heartbeating = {
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const

/** CPU work fails because of its input or because its worker died. The latter is noticed in 10 s: heartbeats come every second. */
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

/** Cleaning up after a job: worth a few attempts, but a finished job should not wait minutes for it. */
const { discardWork, withdraw, keepRecord } = proxyActivities<Activities>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '5m',
  retry: { ...patient, maximumAttempts: 3 },
})

/**
 * The world sees this one. It may retry, because it checks first whether an earlier attempt has succeeded. The step itself
 * says how long to wait, since networks name a time. After two days the job reports what is known, and a person decides.
 */
const { tweet } = proxyActivities<Activities>({
  taskQueue: taskQueues.tweet,
  startToCloseTimeout: '5m',
  scheduleToCloseTimeout: '48h',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '5m' },
})

/**
 * Holds a connection for an hour at a time and handles network errors itself. It only fails when its worker dies, which is
 * noticed in 5 s, or because of Temporal. The next attempt continues at the last heartbeat.
 */
const { listen } = proxyActivities<Activities>({
  taskQueue: taskQueues.listen,
  startToCloseTimeout: '2h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
})

/** Reads one page of posts. Retries forever: a network may be unavailable for a week. */
const { collect } = proxyActivities<Activities>({
  taskQueue: taskQueues.listen,
  startToCloseTimeout: '5m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' },
})

/** Retries forever: a disk or a store that is unavailable comes back. */
const { lookIntoInbox } = proxyActivities<Activities>({
  taskQueue: taskQueues.download,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' },
})

/** Retries forever, as `collect`. */
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

/** On the task queue of its workflow: the step starts in the process that received the request, without a round trip. */
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

/** A few mosaics in each step, each of which takes as long as composing. */
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

/** A batch may begin with large pictures on slow servers. */
const { bulkResize, bulkPlan, bulkGather } = proxyActivities<Activities>({
  taskQueue: taskQueues.bulk,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: patient,
})

/** Webhooks: twelve attempts over about a day, as Standard Webhooks recommends: after 5 s, 15 s, 45 s, ..., up to 6 h. */
export const { notify } = proxyActivities<Activities>({
  taskQueue: taskQueues.download,
  startToCloseTimeout: '1m',
  retry: { initialInterval: '5s', backoffCoefficient: 3, maximumInterval: '6h', maximumAttempts: 12 },
})

/** What Schedules run: they may take long, and the next run makes up for one that failed. */
const scheduled = {
  taskQueue: taskQueues.cache,
  heartbeatTimeout: '30s',
  retry: { initialInterval: '10s', maximumInterval: '10m', maximumAttempts: 10 },
} as const
export const { keepLedger, sweepWork } = proxyActivities<Activities>({
  ...scheduled,
  startToCloseTimeout: '1h',
})
export const { expireResults, expireUploads } = proxyActivities<Activities>({
  ...scheduled,
  startToCloseTimeout: '6h',
})

/** By the names that a job's progress shows. The last three clean up after a job and are not stages of any. */
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
