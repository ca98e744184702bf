import { keepLedger, sweepWork } from './steps.ts'

/**
 * Records which jobs have ended, before Temporal forgets them, and removes what those have left that it has forgotten. Started by a
 * Schedule: see `cli/schedules.ts`.
 */
export async function ledger(): Promise<{ kept: number; unread?: number }> {
  const kept = await keepLedger()
  await sweepWork()
  return kept
}
