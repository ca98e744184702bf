import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow'
import type { ResizeJob, ResizeResult } from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'
import { describeSource } from './source.ts'

/**
 * Resizes one picture. The workflow's ID is the job's ID.
 *
 * A picture sent with the request takes the short path: one step, on the workflow's own task queue.
 */
export async function resize({ source, params, webhook }: ResizeJob): Promise<ResizeResult> {
  const { workflowId: jobId } = workflowInfo()
  const sizing = describeSize(params)

  if ('object' in source) {
    const picture = source.object
    return await runJob({ stages: ['resize'], stagesWork: false, webhook }, (step) =>
      step('resize', sizing, { jobId, picture, params }),
    )
  }

  return await runJob({ stages: ['download', 'resize'], webhook }, async (step) => {
    const picture = await step('download', describeSource(source), { jobId, source })
    return await step('resize', sizing, { jobId, picture, params })
  })
}

function describeSize(params: ResizeJob['params']): string {
  const { width = 'any', height = 'any', fit, format, outputs } = params
  return outputs ? outputs.map(({ name }) => name).join(', ') : `${width} x ${height} px, ${fit}, ${format}`
}

/**
 * A resize takes seconds, so each one finishes on the build it started on, and its steps may change without a patch. Only
 * versioned workers may pin: the server rejects it from others.
 */
setWorkflowOptions(
  () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'PINNED' } : {}),
  resize,
)
