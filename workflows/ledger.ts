import { keepLedger } from './steps.ts'

/** Records which jobs have ended, before Temporal forgets them. Started by a Schedule: see `cli/schedules.ts`. */
export async function ledger(): Promise<{ kept: number; unread?: number }> {
  return await keepLedger()
}
