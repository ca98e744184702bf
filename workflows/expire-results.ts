import * as steps from './steps.ts'

/** Each is absent if it is kept forever. */
export interface Expiry {
  /** Of results, ms. */
  olderThanMs?: number
  /** Pictures that were handed in; `kept`: SHA-256 of those that stay. */
  uploads?: { olderThanMs: number; kept: string[] }
}

/** Removes what has been kept for long enough. Started by a Schedule: see `cli/schedules.ts`. */
export async function expireResults({
  olderThanMs,
  uploads,
}: Expiry): Promise<{ jobs?: number; others?: number; uploads?: number; unread?: number }> {
  return {
    ...(olderThanMs !== undefined && (await steps.expireResults({ olderThanMs }))),
    ...(uploads && (await steps.expireUploads(uploads))),
  }
}
