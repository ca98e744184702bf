/** `/new`: the form that makes one, with JavaScript or without. */
import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type FormErrors, MakeForm } from '../components/make-form.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import type { Job } from '../job.ts'
import { sameSite } from '../same-site.ts'
import { formErrors, jobRequest, textFields } from '../submission.ts'

/** A form as it was sent, to be shown again with what is wrong. */
interface Refused {
  values: Record<string, string>
  errors: FormErrors
  status: ContentfulStatusCode
}

const wantsJson = (c: Context) => c.req.header('Accept')?.startsWith('application/json') ?? false

export function makePages(site: Site): Hono {
  const { libraries, maxPictureBytes, callApi } = site
  const app = new Hono()

  async function showForm(c: Context, { values, errors, status }: Refused) {
    const isResize = values.type === 'resize'
    return answerPage(c, site, {
      title: isResize ? 'Resize a picture · mosaicme' : 'Make a mosaic · mosaicme',
      description: 'Post a photo and get a photomosaic of it back, made of thousands of other photos.',
      islands: ['make.ts', 'recent.ts'],
      status,
      children: (
        <>
          <section class="making">
            <h1>{isResize ? 'Resize a picture' : 'Make a mosaic'}</h1>
            <MakeForm
              // `starter` is drawn when it is first needed: it can be chosen before it is there.
              libraries={[...new Set(['starter', ...(await libraries())])]}
              maxBytes={maxPictureBytes}
              token={randomUUID()}
              values={values}
              errors={errors}
            />
          </section>
          <section class="recent" id="recent" aria-labelledby="recent-heading" hidden>
            <h2 id="recent-heading">Yours, on this device</h2>
            <ul />
          </section>
        </>
      ),
    })
  }

  const refuse = (c: Context, refused: Refused) =>
    wantsJson(c) ? c.json({ errors: refused.errors }, refused.status) : showForm(c, refused)

  app.get('/new', compress(), (c) => {
    const { type = 'mosaic' } = c.req.query()
    return showForm(c, { values: { type }, errors: {}, status: 200 })
  })

  app.post(
    '/new',
    sameSite,
    bodyLimit({
      // The other fields and the borders between them fit into 64 KiB.
      maxSize: maxPictureBytes + 64 * 1024,
      onError: (c) => {
        const limit = `${Math.floor(maxPictureBytes / 2 ** 20)} MiB`
        const image = `This photo is larger than ${limit}. Choose a smaller one.`
        return refuse(c, { values: {}, errors: { image }, status: 413 })
      },
    }),
    async (c) => {
      const form = await c.req.formData()
      const values = textFields(form)
      const request = await jobRequest(form)
      if ('errors' in request) return refuse(c, { values, errors: request.errors, status: 422 })
      const response = await callApi(c, '/v1/jobs', {
        method: 'POST',
        headers: { 'Idempotency-Key': request.key },
        body: request.body,
      })
      if (!response.ok) {
        const errors = await formErrors(response, form)
        return refuse(c, { values, errors, status: response.status as ContentfulStatusCode })
      }
      const { id } = (await response.json()) as Job
      const location = `/jobs/${id}`
      return wantsJson(c) ? c.json({ id, location }, 202, { Location: location }) : c.redirect(location, 303)
    },
  )

  return app
}
