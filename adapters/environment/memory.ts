import { totalmem } from 'node:os'

/** Bytes that this process may have: the machine's, or its container's where that has less. */
export function memoryHere(): number {
  // 0 where nothing is known of a limit, and more than there is where there is none.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY
  return Math.min(totalmem(), limit)
}
