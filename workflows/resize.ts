import { workflowInfo } from '@temporalio/workflow'
import type { ResizeJob, ResizeResult } from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'
import { download, resize as resizeStep } from './steps.ts'

/**
 * Resizes one picture. The workflow's ID is the job's ID.
 *
 * A picture that came with the request takes the short path: one step, on the workflow's own queue.
 */
export async function resize({ source, params }: ResizeJob): Promise<ResizeResult> {
  const { workflowId: jobId } = workflowInfo()
  const stages = 'url' in source ? ['download', 'resize'] : ['resize']

  return await runJob({ stages }, async (enter) => {
    let picture = 'object' in source ? source.object : undefined
    if (!picture) {
      enter('download')
      const { bucket, key } = await download({ jobId, source })
      picture = { bucket, key }
    }

    enter('resize')
    return await resizeStep.executeWithOptions(
      { summary: `${params.width ?? 'any'} x ${params.height ?? 'any'} px, ${params.fit}, ${params.format}` },
      [{ jobId, picture, params }],
    )
  })
}
