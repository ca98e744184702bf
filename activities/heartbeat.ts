/** A step's heartbeat: reports progress to readers of the job, and delivers cancellations to the step. */
import { activityInfo, heartbeat } from '@temporalio/activity'

/** Heartbeat details, which the API reads from the running step. */
export interface StepProgress {
  done: number
  total: number
}

/**
 * Cancellation reaches a step only in the response to a heartbeat, and must stop the CPU within 2 s. Workers throttle
 * heartbeats to one per second (`workers/index.ts`); this interval is half of that.
 */
const intervalMs = 500

/** Sends the latest progress while `work` runs. `report` is cheap enough for an inner loop. */
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
