import type { Client } from '@temporalio/client'

/** Default deadline, seconds: without one, a call to an unreachable server would wait forever. */
const defaultSeconds = 5

/** Calls Temporal with a deadline; `problem-handler.ts` turns its errors into a 503. */
export const callTemporal = <T>(client: Client, call: () => Promise<T>, seconds = defaultSeconds) =>
  client.withDeadline(Date.now() + seconds * 1000, call)
