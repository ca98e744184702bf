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

const { tileMatch } = proxyActivities<Activities>({
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

const { cache } = proxyActivities<Activities>({
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

/** The world sees this one: tried once. When nobody knows whether it is out, the job says so, and a person decides. */
const { tweet } = proxyActivities<Activities>({
  taskQueue: taskQueues.tweet,
  startToCloseTimeout: '2m',
  retry: { maximumAttempts: 1 },
})

/** Same queue as its workflow: the step starts in the process that took the request, without a round trip. */
const { resize } = proxyActivities<Activities>({
  taskQueue: taskQueues.resize,
  startToCloseTimeout: '5m',
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
  compose,
  thumbnail,
  upload,
  cache,
  tweet,
  resize,
  'index-tiles': indexTiles,
  'bulk-plan': bulkPlan,
  'bulk-resize': bulkResize,
  'bulk-gather': bulkGather,
  'discard-work': discardWork,
  withdraw,
  'keep-record': keepRecord,
}

export type Steps = typeof steps
export type StepName = keyof Steps
