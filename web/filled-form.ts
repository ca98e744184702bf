/** A form as it stands on its page: what was filled in, and what is wrong with it. */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Filled } from './components/form-field.tsx'
import { wantsJson } from './submit-job.ts'

export interface FilledForm extends Filled {
  status: ContentfulStatusCode
}

/** Not sent yet. What a link says of its fields stands in them already. */
export const freshForm = (c: Context): FilledForm => ({ values: c.req.query(), errors: {}, status: 200 })

/** To a script the sentences alone; to a browser without one the page again, with everything that was filled in. */
export const refuseForm = (
  c: Context,
  form: FilledForm,
  show: (c: Context, form: FilledForm) => Promise<Response>,
) => (wantsJson(c) ? c.json({ errors: form.errors }, form.status) : show(c, form))
