/** `/jobs/:id`: a job's progress and result, with buttons to cancel and replay it. `/admin/jobs/:id`: the same for any job. */
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { callAsOperator } from '../admin-key.ts'
import { JobView } from '../components/job-view.tsx'
import { Message } from '../components/message.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import { isFinal, type Job, type JobStep } from '../job.ts'
import { sameSite } from '../same-site.ts'
import { jobNoun } from '../words.ts'

/** Refresh interval for browsers without JavaScript, seconds. */
const refresh = 2

const notices: Record<string, string | undefined> = {
  cancel: 'The job could not be canceled. It may be finishing.',
  replay: 'The job could not be replayed. Try again in a moment.',
}

/** The pages' base path, and how they call the API. */
interface Door {
  base: string
  callApi: Site['callApi']
}

export const jobPages = (site: Site): Hono => pagesOfJobs(site, { base: '', callApi: site.callApi })

/** For operators: their key is only sent to `/admin`. */
export const adminJobPages = (site: Site): Hono =>
  pagesOfJobs(site, { base: '/admin', callApi: (...asked) => callAsOperator(site, ...asked) })

function pagesOfJobs(site: Site, { base, callApi }: Door): Hono {
  const app = new Hono()

  function missing(c: Context, status: number) {
    const [title, text] =
      status === 401
        ? ['An API key is required', 'On this site, jobs are only shown to people with an API key.']
        : status === 410
          ? ['This job is gone', 'It was deleted, or it finished a while ago and its result has expired.']
          : ['No such job', 'There is no job under this link. Did you copy all of it?']
    const children = <Message title={title} text={text} />
    return answerPage(c, site, {
      title: `${title} · mosaicme`,
      status: status === 410 || status === 401 ? status : 404,
      children,
    })
  }

  app.get(`${base}/jobs/:id`, compress(), async (c) => {
    const response = await callApi(c, `/v1/jobs/${encodeURIComponent(c.req.param('id'))}`)
    if (base !== '' && (response.status === 401 || response.status === 403)) return c.redirect(base, 303)
    if ([401, 404, 410, 422].includes(response.status)) return missing(c, response.status)
    if (!response.ok) throw new Error(`expected a job from the API, it responded with ${response.status}`)
    const job = (await response.json()) as Job
    // Optional: a job is shown even if its history cannot be read.
    const told = await callApi(c, `/v1/jobs/${encodeURIComponent(job.id)}/steps`)
    const steps = told.ok ? ((await told.json()) as { data: JobStep[] }).data : []
    const notice = notices[c.req.query('notice') ?? '']
    const page = await answerPage(c, site, {
      title: `${base === '' ? 'Your' : 'A'} ${jobNoun(job.type)} · mosaicme`,
      islands: ['job.tsx'],
      refresh: isFinal(job.status) ? undefined : refresh,
      children: (
        <div id="job" data-base={base} data-job={JSON.stringify(job)} data-steps={JSON.stringify(steps)}>
          <JobView job={job} steps={steps} notice={notice} base={base} />
        </div>
      ),
    })
    if (base !== '') page.headers.set('Cache-Control', 'no-store')
    return page
  })

  for (const ask of ['cancel', 'replay']) {
    app.post(`${base}/jobs/:id/${ask}`, sameSite, async (c) => {
      const id = encodeURIComponent(c.req.param('id'))
      const response = await callApi(c, `/v1/jobs/${id}/${ask}`, { method: 'POST' })
      return c.redirect(`${base}/jobs/${id}${response.ok ? '' : `?notice=${ask}`}`, 303)
    })
  }

  return app
}
