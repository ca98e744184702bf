/** `/new`: the mosaic form, with and without JavaScript. */
import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { MosaicForm } from '../components/mosaic-form.tsx'
import { RecentJobs } from '../components/recent-jobs.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import { type FilledForm, freshForm, refuseForm } from '../filled-form.ts'
import { readForm } from '../read-form.ts'
import { sameSite } from '../same-site.ts'
import { chosenFiles, textFields } from '../submission.ts'
import { formBytes, submitJob, tooLarge, wantsJson } from '../submit-job.ts'

export function makePages(site: Site): Hono {
  const app = new Hono()

  async function showForm(c: Context, { status, ...form }: FilledForm) {
    return answerPage(c, site, {
      title: 'Make a mosaic · mosaicme',
      description: 'Post a photo and get a photomosaic of it back, made of thousands of other photos.',
      islands: ['make.ts', 'recent.ts'],
      status,
      children: (
        <>
          <section class="making">
            <header>
              <h1>Make a mosaic</h1>
              <p class="muted">Your photo comes back, made of thousands of others.</p>
            </header>
            <MosaicForm
              // `starter` is drawn on first use, so it can be chosen before it exists.
              libraries={[...new Set(['starter', ...(await site.libraries())])]}
              maxBytes={site.maxPictureBytes}
              token={randomUUID()}
              form={form}
            />
          </section>
          <RecentJobs />
        </>
      ),
    })
  }

  const refuse = (c: Context, form: FilledForm) => refuseForm(c, form, showForm)

  app.get('/new', compress(), (c) => showForm(c, freshForm(c)))

  app.post(
    '/new',
    sameSite,
    bodyLimit({
      maxSize: formBytes(site),
      onError: (c) => refuse(c, { values: {}, errors: tooLarge(site, 'This photo is'), status: 413 }),
    }),
    async (c) => {
      const form = await readForm(c)
      const submitted = await submitJob(site, c, 'mosaic', form, chosenFiles(form)[0])
      if ('errors' in submitted) return refuse(c, { ...submitted, values: textFields(form) })
      const location = `/jobs/${submitted.id}`
      return wantsJson(c)
        ? c.json({ id: submitted.id, location }, 202, { Location: location })
        : c.redirect(location, 303)
    },
  )

  return app
}
