/** The activities as workflows call them: each with its task queue, timeouts and retry policy, declared once. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { taskQueues } from './contract/task-queues.ts'

/**
 * Steps retry long enough to outlast a restart of the store, from and to which even the CPU-bound ones read and write: ten
 * attempts, with a backoff of 1 s doubling to 30 s, span two and a half minutes. Work that kills its worker, which the heartbeat
 * timeout detects within 10 s, ends after as many. Permanent failures, such as bad input, are thrown as non-retryable by the step
 * itself.
 */
const patient = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 10 }

/** An outage passes, however long: only errors that retrying will not fix end such a step. */
const forever = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' }

/**
 * For steps that heartbeat: a cancelled job waits until its step has really stopped, and only then removes what the step has
 * written.
 */
const heartbeating = {
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const

/** Without a `scheduleToCloseTimeout`, like most steps: it would include the wait for a worker, which says nothing about the job. */
const { download } = proxyActivities<Activities>({
  taskQueue: taskQueues.download,
  startToCloseTimeout: '3m',
  ...heartbeating,
  retry: patient,
})

const { tileMatch, editPlan } = proxyActivities<Activities>({
  taskQueue: taskQueues.tileMatch,
  startToCloseTimeout: '15m',
  ...heartbeating,
  retry: patient,
})

const { compose } = proxyActivities<Activities>({
  taskQueue: taskQueues.compose,
  startToCloseTimeout: '30m',
  ...heartbeating,
  retry: patient,
})

const { thumbnail } = proxyActivities<Activities>({
  taskQueue: taskQueues.compose,
  startToCloseTimeout: '5m',
  ...heartbeating,
  retry: patient,
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

/** After a success: worth a few attempts, but a finished job should not wait longer than minutes for it. */
const { discardWork } = proxyActivities<Activities>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '5m',
  retry: { ...patient, maximumAttempts: 3 },
})

/**
 * After any other end nothing else removes what a cancelled job has published, and an order without a record would look like a
 * lost job's, which `mosaicme restore` starts again. So the job waits for a day, whatever is down.
 */
const { withdraw, keepRecord } = proxyActivities<Activities>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
})

/**
 * Has an effect that the public sees. It may retry, because it first checks whether an earlier attempt succeeded. The step sets
 * the retry delay itself, since networks name one. Not its attempts but its time is limited, and the wait for a worker counts: a
 * reply that comes days after its post looks odd, so after two days the job reports what is known, and a person decides.
 */
const { tweet } = proxyActivities<Activities>({
  taskQueue: taskQueues.tweet,
  startToCloseTimeout: '5m',
  scheduleToCloseTimeout: '48h',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '5m' },
})

/**
 * Holds a connection for an hour at a time and handles the network's errors itself. It is retried forever when its worker dies,
 * which is detected within 5 s, or when the store is out of reach: the next attempt resumes from the last heartbeat. It fails for
 * good on errors that a person has to deal with, such as a store that refuses our key; then the listener waits and starts it anew.
 */
const { listen } = proxyActivities<Activities>({
  taskQueue: taskQueues.listen,
  startToCloseTimeout: '2h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
})

/** Reads one page of posts. Retries forever: a network may be down for a week. */
const { collect } = proxyActivities<Activities>({
  taskQueue: taskQueues.listen,
  startToCloseTimeout: '5m',
  retry: forever,
})

/** Retries forever: an unavailable disk or store comes back. */
const { lookIntoInbox } = proxyActivities<Activities>({
  taskQueue: taskQueues.download,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: forever,
})

/** Retries forever, like `collect`. */
const { findGone } = proxyActivities<Activities>({
  taskQueue: taskQueues.listen,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: forever,
})

const { forgetPosts } = proxyActivities<Activities>({
  taskQueue: taskQueues.tileIndex,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: forever,
})

/** On its workflow's task queue, so that it starts eagerly in the process that received the request, without a round trip. */
const { resize } = proxyActivities<Activities>({
  taskQueue: taskQueues.resize,
  startToCloseTimeout: '5m',
  ...heartbeating,
  retry: patient,
})

const { removeAuthor, findMosaics } = proxyActivities<Activities>({
  taskQueue: taskQueues.tileIndex,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: patient,
})

/** A few mosaics per step, each of which takes as long as composing one. */
const { remakeMosaics } = proxyActivities<Activities>({
  taskQueue: taskQueues.compose,
  startToCloseTimeout: '6h',
  ...heartbeating,
  retry: patient,
})

const indexing = {
  taskQueue: taskQueues.tileIndex,
  startToCloseTimeout: '1h',
  ...heartbeating,
} as const
const { indexTiles } = proxyActivities<Activities>({ ...indexing, retry: patient })
const { indexTiles: indexTilesForever, countTiles } = proxyActivities<Activities>({
  ...indexing,
  retry: forever,
})
const { discardWork: discardWorkForever } = proxyActivities<Activities>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '1m',
  retry: forever,
})

/** Long, because a batch may hold large pictures from slow servers. */
const { bulkResize, bulkPlan, bulkGather } = proxyActivities<Activities>({
  taskQueue: taskQueues.bulk,
  startToCloseTimeout: '1h',
  ...heartbeating,
  retry: patient,
})

/** Webhooks: twelve attempts over about a day, as Standard Webhooks recommends, with a backoff of 5 s, 15 s, 45 s, ..., 6 h. */
export const { notify } = proxyActivities<Activities>({
  taskQueue: taskQueues.webhook,
  startToCloseTimeout: '1m',
  retry: { initialInterval: '5s', backoffCoefficient: 3, maximumInterval: '6h', maximumAttempts: 12 },
})

/** Run by Schedules: they may take long, and the next run makes up for one that failed. */
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

/** Keyed by the names that a job's progress shows. The last three close a job and are not stages of any. */
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

/** As collectors and inboxes call them: a job that fails can be replayed, but these would pause until a person notices. */
export const standingSteps = {
  'index-tiles': indexTilesForever,
  'count-tiles': countTiles,
  'discard-work': discardWorkForever,
}

export type Steps = typeof steps
export type StepName = keyof Steps
