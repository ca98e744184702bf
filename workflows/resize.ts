import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow'
import type { ResizeJob, ResizeResult } from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'
import { describeSource } from './source.ts'

/**
 * Resizes one picture. The workflow's ID is the job's ID.
 *
 * A picture that came with the request takes the short path: one step, on the workflow's own queue.
 */
export async function resize({ source, params, webhook }: ResizeJob): Promise<ResizeResult> {
  const { workflowId: jobId } = workflowInfo()
  const { width = 'any', height = 'any', fit, format, outputs } = params
  const sizing = outputs
    ? outputs.map(({ name }) => name).join(', ')
    : `${width} x ${height} px, ${fit}, ${format}`

  if ('object' in source) {
    return await runJob({ stages: ['resize'], stagesWork: false, webhook }, (step) =>
      step('resize', sizing, { jobId, picture: source.object, params }),
    )
  }

  return await runJob({ stages: ['download', 'resize'], webhook }, async (step) => {
    const picture = await step('download', describeSource(source), { jobId, source })
    return await step('resize', sizing, { jobId, picture, params })
  })
}

/**
 * Over in seconds: each ends with the build it began with, so that its steps may change without a patch. Only a worker
 * that is versioned may say so: from another the server takes no such word.
 */
setWorkflowOptions(
  () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'PINNED' } : {}),
  resize,
)
