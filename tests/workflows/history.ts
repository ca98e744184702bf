/** The size of a job's history. */
import type { WorkflowHandle } from '@temporalio/client'

export interface HistoryWeight {
  events: number
  bytes: number
  /** Bytes of the largest payload: an argument, a result, a memo field, a heartbeat. */
  largestPayload: number
}

export async function weigh(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<HistoryWeight> {
  const { events } = await handle.fetchHistory()
  let largestPayload = 0
  let bytes = 0
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') {
      bytes += typeof value === 'string' ? value.length : 8
    } else if (value instanceof Uint8Array) {
      bytes += value.byteLength
      largestPayload = Math.max(largestPayload, value.byteLength)
    } else {
      for (const part of Object.values(value)) visit(part)
    }
  }
  visit(events)
  return { events: events?.length ?? 0, bytes, largestPayload }
}
