/** The steps as workflows call them: for each kind of work its queue, its time-outs and its patience, declared once. */
import { proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { taskQueues } from './contract/task-queues.ts'

/**
 * Reads and idempotent writes retry until the world has had a fair chance to heal: 1 s doubling to 30 s is about
 * two and a half minutes in eight attempts. What cannot heal (bad input) is thrown as non-retryable by the step itself.
 */
const patient = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 8 }

/** CPU work fails by its input or by the death of its worker; the heartbeat, one a second, tells of the latter in 10 s. */
const heavy = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 5 }

const { download } = proxyActivities<Activities>({
  taskQueue: taskQueues.download,
  startToCloseTimeout: '3m',
  heartbeatTimeout: '10s',
  retry: patient,
})

const { tileMatch } = proxyActivities<Activities>({
  taskQueue: taskQueues.tileMatch,
  startToCloseTimeout: '15m',
  heartbeatTimeout: '10s',
  retry: heavy,
})

const { compose } = proxyActivities<Activities>({
  taskQueue: taskQueues.compose,
  startToCloseTimeout: '30m',
  heartbeatTimeout: '10s',
  retry: heavy,
})

const { thumbnail } = proxyActivities<Activities>({
  taskQueue: taskQueues.compose,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '10s',
  retry: heavy,
})

const { upload } = proxyActivities<Activities>({
  taskQueue: taskQueues.upload,
  startToCloseTimeout: '30m',
  heartbeatTimeout: '10s',
  retry: patient,
})

const { cache, discardWork } = proxyActivities<Activities>({
  taskQueue: taskQueues.cache,
  startToCloseTimeout: '1m',
  retry: patient,
})

/** The world sees this one. The adapter looks before it posts, so that a retry never posts twice. */
const { tweet } = proxyActivities<Activities>({
  taskQueue: taskQueues.tweet,
  startToCloseTimeout: '2m',
  retry: patient,
})

/** Same queue as its workflow: the step starts in the process that took the request, without a round trip. */
const { resize } = proxyActivities<Activities>({
  taskQueue: taskQueues.resize,
  startToCloseTimeout: '2m',
  retry: heavy,
})

const { indexTiles } = proxyActivities<Activities>({
  taskQueue: taskQueues.tileIndex,
  startToCloseTimeout: '1h',
  heartbeatTimeout: '10s',
  retry: patient,
})

/** By the names that a job's progress tells. `discard-work` is housekeeping and no stage of any job. */
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
  'discard-work': discardWork,
}

export type Steps = typeof steps
export type StepName = keyof Steps
