import { workflowInfo } from '@temporalio/workflow'
import type { MosaicJob, MosaicResult } from './contract/job.ts'
import { runJob } from './job-lifecycle.ts'
import { cache, compose, discardWork, download, thumbnail, tileMatch, tweet, upload } from './steps.ts'

/** Makes a photomosaic of a photo. The workflow's ID is the job's ID. */
export async function mosaic(job: MosaicJob): Promise<MosaicResult> {
  const { workflowId: jobId, startTime } = workflowInfo()
  const { library, cell, scale, distance, quality } = job.params
  const stages = ['download', 'tile-match', 'compose', 'thumbnail', 'upload', 'cache']
  if (job.post) stages.push('tweet')

  return await runJob({ stages, cleanUp: () => discardWork({ jobId }) }, async (enter) => {
    enter('download')
    const photo = await download.executeWithOptions({ summary: describe(job) }, [
      { jobId, source: job.source },
    ])

    enter('tile-match')
    const planned = await tileMatch.executeWithOptions(
      { summary: `${photo.width} x ${photo.height} photo, tiles from "${library}"` },
      [{ jobId, photo: { bucket: photo.bucket, key: photo.key }, library, cell, scale, distance }],
    )
    const { plan, columns, rows, fidelity } = planned

    enter('compose')
    const { large, pyramid } = await compose.executeWithOptions(
      { summary: `${columns} x ${rows} cells of ${cell} px, ${planned.tiles} tiles` },
      [{ jobId, plan, library, quality }],
    )

    enter('thumbnail')
    const small = await thumbnail({ jobId, large })

    enter('upload')
    const published = await upload.executeWithOptions(
      { summary: `${large.width} x ${large.height} px, ${large.bytes} bytes` },
      [
        {
          jobId,
          date: startTime.toISOString(),
          library,
          large,
          small,
          pyramid,
          plan,
          ...(job.author && { author: job.author }),
          ...(job.post && { post: job.post }),
        },
      ],
    )

    enter('cache')
    await cache({ jobId })
    const result: MosaicResult = { ...published, fidelity, cells: { columns, rows } }

    if (job.post) {
      enter('tweet')
      result.publication = await tweet.executeWithOptions({ summary: `answer to ${job.post.url}` }, [
        { jobId, post: job.post, small: published.small },
      ])
    }

    return result
  })
}

function describe({ source }: MosaicJob): string {
  return 'url' in source ? source.url : `${source.object.bucket}/${source.object.key}`
}
