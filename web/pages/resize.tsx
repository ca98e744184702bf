/** `/resize`: the form for one or many pictures. `/result?id=`: their results. */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { ZipFile } from 'yazl'
import { Message } from '../components/message.tsx'
import { RecentJobs } from '../components/recent-jobs.tsx'
import { ResizeForm } from '../components/resize-form.tsx'
import { fileNameOf, type ResizeJob, ResizeResults } from '../components/resize-results.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import { type FilledForm, freshForm, refuseForm } from '../filled-form.ts'
import { isFinal, type Job, ownPath } from '../job.ts'
import { readForm } from '../read-form.ts'
import { sameSite } from '../same-site.ts'
import { chosenFiles, textFields } from '../submission.ts'
import { formBytes, type Submitted, submitJob, tooLarge, wantsJson } from '../submit-job.ts'

/** Pictures per page of results. */
const resultsAtMost = 100
/** Refresh interval for browsers without JavaScript, seconds. */
const refresh = 2

export function resizePages(site: Site): Hono {
  const app = new Hono()

  async function showForm(c: Context, { status, ...form }: FilledForm) {
    return answerPage(c, site, {
      title: 'Resize pictures · mosaicme',
      description: 'Resize one picture or many, to a preset size or to the exact pixel.',
      islands: ['resize.ts', 'recent.ts'],
      status,
      children: (
        <>
          <section class="making">
            <header>
              <h1>Resize pictures</h1>
              <p class="muted">One or many, to a preset size or to the exact pixel.</p>
            </header>
            <ResizeForm maxBytes={site.maxPictureBytes} token={randomUUID()} form={form} />
          </section>
          <RecentJobs />
        </>
      ),
    })
  }

  const refuse = (c: Context, form: FilledForm) => refuseForm(c, form, showForm)

  app.get('/resize', compress(), (c) => showForm(c, freshForm(c)))

  app.post(
    '/resize',
    sameSite,
    bodyLimit({
      maxSize: formBytes(site),
      onError: (c) =>
        refuse(c, { values: {}, errors: tooLarge(site, 'The pictures are, together,'), status: 413 }),
    }),
    async (c) => {
      const form = await readForm(c)
      const files = chosenFiles(form)
      if (files.length > resultsAtMost) {
        const errors = { image: `Choose at most ${resultsAtMost} pictures at a time.` }
        return refuse(c, { values: textFields(form), errors, status: 422 })
      }
      const submitted: Submitted[] = []
      for (const file of files.length > 0 ? files : [undefined])
        submitted.push(await submitJob(site, c, 'resize', form, file))
      const ids = submitted.flatMap((one) => ('id' in one ? [one.id] : []))
      const refused = submitted.find((one) => 'errors' in one)
      if (ids.length === 0 && refused) return refuse(c, { ...refused, values: textFields(form) })
      const query = new URLSearchParams(ids.map((id) => ['id', id]))
      for (const [index, one] of submitted.entries())
        if ('errors' in one)
          query.append(
            'refused',
            `${files[index]?.name}: ${Object.values(one.errors).join(' ')}`.slice(0, 300),
          )
      const location = `/result?${query}`
      return wantsJson(c)
        ? c.json({ id: ids[0], location }, 202, { Location: location })
        : c.redirect(location, 303)
    },
  )

  /** In the requested order, without jobs that are gone or are no resizes. */
  async function jobsOf(c: Context): Promise<ResizeJob[]> {
    const ids = [...new Set(c.req.queries('id') ?? [])].slice(0, resultsAtMost)
    const jobs = await Promise.all(
      ids.map(async (id) => {
        const response = await site.callApi(c, `/v1/jobs/${encodeURIComponent(id)}`)
        return response.ok ? ((await response.json()) as Job) : undefined
      }),
    )
    return jobs.filter((job): job is ResizeJob => job?.type === 'resize')
  }

  app.get('/result', compress(), async (c) => {
    const jobs = await jobsOf(c)
    if (jobs.length === 0) {
      const text = 'The pictures under this link were deleted, have expired, or never existed.'
      const children = <Message title="No such result" text={text} />
      // 200, like PictureResizeApi, whose clients know this URL.
      return answerPage(c, site, { title: 'No such result · mosaicme', children })
    }
    const isPending = jobs.some((job) => !isFinal(job.status))
    return answerPage(c, site, {
      title: `${jobs.length === 1 ? 'Your picture' : 'Your pictures'} · mosaicme`,
      islands: ['result.ts'],
      refresh: isPending ? refresh : undefined,
      children: (
        <ResizeResults
          jobs={jobs}
          refused={c.req.queries('refused') ?? []}
          query={new URL(c.req.url).search}
        />
      ),
    })
  })

  app.get('/result.zip', async (c) => {
    const done = (await jobsOf(c)).filter((job) => job.result !== null)
    if (done.length === 0) return c.notFound()
    const zip = new ZipFile()
    const output = zip.outputStream as Readable
    // If a picture or the store fails while sending, headers are already sent: the file breaks off.
    const breakOff = (error: Error) => void output.destroy(error)
    zip.on('error', breakOff)
    const taken = new Set<string>()
    for (const job of done) {
      const name = fileNameOf(job)
      // Streamed one by one, uncompressed because pictures are compressed already, so that memory holds only one.
      zip.addReadStreamLazy(taken.has(name) ? `${job.id}-${name}` : name, { compress: false }, (take) => {
        Promise.resolve(site.callApi(c, ownPath(job.result!.url))).then((response) => {
          if (!response.ok || !response.body)
            return breakOff(
              new Error(`expected the picture of ${job.id}, the API responded with ${response.status}`),
            )
          const picture = Readable.fromWeb(response.body as never)
          picture.on('error', breakOff)
          output.once('close', () => picture.destroy())
          take(null, picture)
        }, breakOff)
      })
      taken.add(name)
    }
    zip.end()
    c.header('Content-Type', 'application/zip')
    c.header('Content-Disposition', 'attachment; filename="pictures.zip"')
    c.header('X-Content-Type-Options', 'nosniff')
    return c.body(Readable.toWeb(output) as ReadableStream)
  })

  return app
}
