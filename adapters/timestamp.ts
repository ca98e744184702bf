/** Moments as Temporal tells them raw. Its SDK has this too, but marks it as meant for internal use only. */
import type { Timestamp } from '@temporalio/common'

/** @returns `undefined` for what has not been: Temporal leaves it out, or tells it as the year 1 */
export function momentOf(time: Timestamp | null | undefined): Date | undefined {
  const seconds = Number(time?.seconds ?? 0)
  return seconds > 0 ? new Date(seconds * 1000 + Math.floor((time?.nanos ?? 0) / 1e6)) : undefined
}
