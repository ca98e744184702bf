/** Submits jobs to a running service over HTTP. Shared by the benchmarks of pages. */
import type { Job } from '../api/client.ts'

/**
 * @param path `/v1/jobs` or `/v1/tiles`
 * @returns the job's ID
 */
export async function submit(
  url: string,
  path: string,
  images: readonly Buffer[],
  job: object,
): Promise<string> {
  const form = new FormData()
  for (const [at, bytes] of images.entries())
    form.append('image', new File([new Uint8Array(bytes)], `photo ${at}.jpg`, { type: 'image/jpeg' }))
  form.set('job', JSON.stringify(job))
  const answer = await fetch(url + path, { method: 'POST', body: form })
  if (!answer.ok) throw new Error(`expected a job, got ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}

/**
 * Waits for a job to end.
 * @throws if it does not succeed
 */
export async function finished(url: string, id: string): Promise<Job> {
  for (;;) {
    const answer = await fetch(`${url}/v1/jobs/${id}`, { headers: { Prefer: 'wait=30' } })
    const job = (await answer.json()) as Job
    if (job.status === 'succeeded') return job
    if (job.status === 'failed' || job.status === 'canceled')
      throw new Error(`expected a result, the job has ${job.status}`)
  }
}
