/** `/`: make one, and the gallery below. `POST /new`: the form, with JavaScript or without. */
import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { Gallery } from '../components/gallery.tsx'
import { type FormErrors, MakeForm } from '../components/make-form.tsx'
import { Scene } from '../components/scene.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import { galleryPage } from '../gallery-page.ts'
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

  async function home(
    c: Context,
    { values, errors, status }: Refused = { values: {}, errors: {}, status: 200 },
  ) {
    const after = c.req.query('after')
    const page = await galleryPage(site, c, after)
    if (!page) return c.redirect('/#gallery', 302)
    return answerPage(c, site, {
      title: 'mosaicme: your photo, made of thousands of others',
      description: 'Post a photo and get a photomosaic of it back, made of thousands of other photos.',
      islands: ['make.ts', 'recent.ts'],
      status,
      children: (
        <>
          <section class="hero">
            <div class="pitch">
              <h1>Your photo, made of thousands of others.</h1>
              <p>Post a photo and it comes back as a mosaic that you can dive into, tile by tile.</p>
              <Scene />
            </div>
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
          <Gallery page={page} isFirst={after === undefined} />
        </>
      ),
    })
  }

  const refuse = (c: Context, refused: Refused) =>
    wantsJson(c) ? c.json({ errors: refused.errors }, refused.status) : home(c, refused)

  app.get('/', compress(), (c) => home(c))
  // The address that a refused form leaves in the browser, asked for anew.
  app.get('/new', (c) => c.redirect('/#make', 302))

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
