import * as steps from './steps.ts'

/** What is absent is kept forever. */
export interface Expiry {
  /** Maximum age of results, ms. */
  olderThanMs?: number
  /** Uploaded pictures; `kept`: SHA-256 of those that never expire. */
  uploads?: { olderThanMs: number; kept: string[] }
}

/** Removes expired results and uploads. Started by a Schedule: see `cli/schedules.ts`. */
export async function expireResults({
  olderThanMs,
  uploads,
}: Expiry): Promise<{ jobs?: number; others?: number; uploads?: number; unread?: number }> {
  return {
    ...(olderThanMs !== undefined && (await steps.expireResults({ olderThanMs }))),
    ...(uploads && (await steps.expireUploads(uploads))),
  }
}
