/** The end of a workflow run, as the end of a job. */
import type { JobStatus } from './job.ts'

export type EndStatus = Extract<JobStatus, 'succeeded' | 'failed' | 'canceled'>

/** By name, and by number in `temporal.api.enums.v1.WorkflowExecutionStatus`. */
const ends: readonly { name: string; code: number; status: EndStatus }[] = [
  { name: 'COMPLETED', code: 2, status: 'succeeded' },
  { name: 'FAILED', code: 3, status: 'failed' },
  { name: 'CANCELLED', code: 4, status: 'canceled' },
  { name: 'TERMINATED', code: 5, status: 'failed' },
  { name: 'TIMED_OUT', code: 7, status: 'failed' },
]
const statuses = new Map<string | number, EndStatus>(
  ends.flatMap(({ name, code, status }) => [
    [name, status],
    [code, status],
  ]),
)

/**
 * @param status of a run: the client's name (`COMPLETED`) or the server's number (2)
 * @returns `undefined` while it runs, and for a run that continued as new
 */
export const endOfRun = (status: string | number | null | undefined): EndStatus | undefined =>
  statuses.get(status ?? '')
