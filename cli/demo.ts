/** The sample jobs of `mosaicme up --demo`, requested over HTTP like any others. */
import type { Job } from '../api/client.ts'
import { call, followJob, type Remote } from './remote-jobs.ts'
import { drawSampleScene } from './sample-scene.ts'

export interface DemoOptions {
  /** The running mosaicme. */
  remote: Remote
  say: (line: string) => void
}

/** Makes a mosaic and a resized picture of the sample scene, and prints their links. @throws if one fails */
export async function runDemo({ remote, say }: DemoOptions): Promise<void> {
  const base64 = (await drawSampleScene()).toString('base64')
  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  say('Demo: requesting a mosaic and a resized picture of a sample scene.')

  const resize = async () => {
    const job = await finish(remote, { type: 'resize', input: { base64 }, width: 320 })
    if (job.type === 'resize' && job.result)
      say(`Demo: the resized picture, after ${seconds()}: ${absolute(remote, job.result.url)}`)
  }
  const mosaic = async () => {
    const job = await finish(remote, { type: 'mosaic', input: { base64 } }, (stage) =>
      say(`Demo: the mosaic is at ${stage}`),
    )
    if (job.type !== 'mosaic' || !job.result) return
    const { large, small } = job.result
    say(`Demo: the mosaic, ${large.width}x${large.height} pixels, after ${seconds()}:`)
    say(`  to look at        ${absolute(remote, `/mosaic/${job.id}`)}`)
    say(`  large             ${absolute(remote, large.url)}`)
    say(`  small             ${absolute(remote, small.url)}`)
    if (job.urls.temporal) say(`  in the Web UI     ${job.urls.temporal}`)
  }
  await Promise.all([resize(), mosaic()])
}

async function finish(
  remote: Remote,
  request: object,
  entering: (stage: string) => void = () => {},
): Promise<Job> {
  const answer = await call(remote, 'v1/jobs', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(request),
  })
  let latest = (await answer.json()) as Job
  for await (const job of followJob(remote, latest.id)) {
    if (job.progress.stage !== latest.progress.stage) entering(job.progress.stage)
    latest = job
  }
  if (latest.status !== 'succeeded')
    throw new Error(`${latest.id} ${latest.status}: ${latest.error?.message ?? 'no reason given'}`)
  return latest
}

/** Without PUBLIC_URL, links are relative. */
const absolute = ({ url }: Remote, link: string) => new URL(link, `${url}/`).href
