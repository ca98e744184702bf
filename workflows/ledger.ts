import { keepLedger } from './steps.ts'

/** Records the jobs that have ended, before Temporal's retention removes them. Started by a Schedule: see `cli/schedules.ts`. */
export async function ledger(): Promise<{ kept: number; unread?: number }> {
  return await keepLedger()
}
