/** A job's progress between updates of its workflow. */
import type { WorkflowExecutionDescription } from '@temporalio/client'
import { describe, expect, it } from 'vitest'
import type { PendingStep } from '../../api/jobs/decoded-payloads.ts'
import { describeJob } from '../../api/jobs/describe-job.ts'

const links = { site: 'https://mosaics.example', temporal: undefined }

/** A running mosaic at its second step of six, with these pending activities. */
const mosaicWith = (pending: PendingStep[]) =>
  describeJob(
    {
      workflowId: 'mosaic-a',
      runId: 'run',
      startTime: new Date(0),
      status: { name: 'RUNNING' },
      memo: { startedAt: new Date(0).toISOString(), progress: { stage: 'tile-match', done: 1, total: 6 } },
      raw: {},
    } as unknown as WorkflowExecutionDescription,
    pending,
    undefined,
    links as never,
  ).progress

describe('the progress of a step', () => {
  const activityType = { name: 'tileMatch' }

  it('comes from its heartbeat', () => {
    const running = { activityType, heartbeat: { done: 300, total: 1200 } }
    expect(mosaicWith([running])).toEqual({ stage: 'tile-match', done: 300, total: 1200, step: 2, steps: 6 })
  })

  it('is unknown before the first heartbeat', () => {
    expect(mosaicWith([{ activityType }])).toMatchObject({ done: 0, total: 1, step: 2 })
  })

  it('does not go back when the step is done and the workflow has not yet scheduled the next', () => {
    expect(mosaicWith([])).toMatchObject({ done: 1, total: 1, step: 2 })
  })
})
