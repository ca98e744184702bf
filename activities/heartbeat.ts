/** A step's heartbeat: progress to whoever asks for the job, and the way a cancellation gets in. */
import { activityInfo, heartbeat } from '@temporalio/activity'

/** What the heartbeat details hold; the API reads them from the running step. */
export interface StepProgress {
  done: number
  total: number
}

/**
 * Cancellation reaches a step only as the answer to a heartbeat, so the interval is half of the 2 s within which
 * cancelling must stop the CPU. The workers throttle to 1 s: see `workers/index.ts`.
 */
const intervalMs = 500

/** Reports the newest progress while `work` runs; `report` itself is cheap enough for an inner loop. */
export async function withHeartbeat<T>(
  work: (report: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  let progress: StepProgress | undefined = activityInfo().heartbeatDetails
  const beat = () => heartbeat(progress)
  const timer = setInterval(beat, intervalMs)
  try {
    return await work((done, total) => {
      progress = { done, total }
    })
  } finally {
    clearInterval(timer)
  }
}
