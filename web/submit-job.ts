/** Starts a job for a form, and translates a rejection into the form's fields. */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { FormErrors } from './components/form-field.tsx'
import type { Site } from './dependencies.ts'
import type { Job } from './job.ts'
import { formErrors, jobRequest } from './submission.ts'

export type Submitted = { id: string } | { errors: FormErrors; status: ContentfulStatusCode }

export async function submitJob(
  { callApi }: Site,
  c: Context,
  type: 'mosaic' | 'resize',
  form: FormData,
  file: File | undefined,
): Promise<Submitted> {
  const request = await jobRequest(type, form, file)
  if ('errors' in request) return { errors: request.errors, status: 422 }
  const response = await callApi(c, '/v1/jobs', {
    method: 'POST',
    headers: { 'Idempotency-Key': request.key },
    body: request.body,
  })
  if (response.ok) return { id: ((await response.json()) as Job).id }
  return { errors: await formErrors(response, form), status: response.status as ContentfulStatusCode }
}

/** Body limit of forms with pictures: other fields and boundaries fit into 64 KiB. */
export const formBytes = ({ maxPictureBytes }: Site) => maxPictureBytes + 64 * 1024

export const tooLarge = ({ maxPictureBytes }: Site, what: string): FormErrors => ({
  image: `${what} larger than ${Math.floor(maxPictureBytes / 2 ** 20)} MiB. Choose a smaller one.`,
})

export const wantsJson = (c: Context) => c.req.header('Accept')?.startsWith('application/json') ?? false
