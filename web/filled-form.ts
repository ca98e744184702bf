/** A form's content on its page, with errors. */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Filled } from './components/form-field.tsx'
import { wantsJson } from './submit-job.ts'

export interface FilledForm extends Filled {
  status: ContentfulStatusCode
}

/** Not submitted yet. The link's query fills its fields. */
export const freshForm = (c: Context): FilledForm => ({ values: c.req.query(), errors: {}, status: 200 })

/** Sends scripts only the messages, and browsers without them the page again with everything that was filled in. */
export const refuseForm = (
  c: Context,
  form: FilledForm,
  show: (c: Context, form: FilledForm) => Promise<Response>,
) => (wantsJson(c) ? c.json({ errors: form.errors }, form.status) : show(c, form))
