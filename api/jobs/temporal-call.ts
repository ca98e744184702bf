import type { Client } from '@temporalio/client'

/** Without one, a call to a server that is gone would wait for it for ever. */
const defaultSeconds = 5

/** Runs calls to Temporal under a deadline; what it throws becomes a 503 in `problem-handler.ts`. */
export const callTemporal = <T>(client: Client, call: () => Promise<T>, seconds = defaultSeconds) =>
  client.withDeadline(Date.now() + seconds * 1000, call)
