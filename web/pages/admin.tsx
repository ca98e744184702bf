/** `/admin`: the operator's page. Every button is a form, and every form is one API call. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { callAsOperator, forgetKey, hasKey, keepKey } from '../admin-key.ts'
import { type AdminProps, AdminView, SignIn } from '../components/admin/admin-view.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import type { Job } from '../job.ts'
import { readForm } from '../read-form.ts'
import { sameSite } from '../same-site.ts'

/** How many pictures, failed jobs and days the page shows. */
const shown = { reviews: 12, failed: 10, days: 7 }

const notices: Record<string, string | undefined> = {
  listeners: 'The listener could not be changed. Is the account still connected?',
  collectors: 'The collector could not be changed. It may have been stopped in the meantime.',
  inboxes: 'The inbox could not be changed. It may have been stopped in the meantime.',
  moderation: 'That picture is no longer waiting, or the decision could not be saved. Refresh the page.',
  jobs: 'The job could not be replayed. It may already be running again, or be too old.',
}

/** The buttons' actions: their section, and the API call. */
const asks: readonly {
  section: string
  verbs: readonly string[]
  path: (name: string, verb: string) => string
}[] = [
  { section: 'listeners', verbs: ['start', 'stop'], path: (name, verb) => `/v1/listeners/${name}/${verb}` },
  {
    section: 'collectors',
    verbs: ['pause', 'resume', 'stop'],
    path: (name, verb) => `/v1/collectors/${name}/${verb}`,
  },
  {
    section: 'moderation',
    verbs: ['approve', 'reject'],
    path: (name, verb) => `/v1/moderation/${name}/${verb}`,
  },
  {
    section: 'inboxes',
    verbs: ['pause', 'resume', 'stop'],
    path: (name, verb) => `/v1/inboxes/${name}/${verb}`,
  },
  { section: 'jobs', verbs: ['replay'], path: (name, verb) => `/v1/jobs/${name}/${verb}` },
]

class NotLetIn extends Error {}

export function adminPages(site: Site): Hono {
  const app = new Hono()

  async function read<T>(c: Context, path: string): Promise<T> {
    const response = await callAsOperator(site, c, path)
    if (response.status === 401 || response.status === 403) throw new NotLetIn()
    if (!response.ok) throw new Error(`expected ${path} from the API, it answered ${response.status}`)
    return (await response.json()) as T
  }
  const list = async <T,>(c: Context, path: string) => (await read<{ data: T[] }>(c, path)).data

  async function look(c: Context): Promise<Omit<AdminProps, 'signedIn' | 'notice'>> {
    const [reviews, failed, listeners, collectors, inboxes, spending, queues] = await Promise.all([
      read<AdminProps['reviews']>(c, `/v1/moderation?limit=${shown.reviews}`),
      failedJobs(c),
      list<AdminProps['listeners'][number]>(c, '/v1/listeners'),
      list<AdminProps['collectors'][number]>(c, '/v1/collectors'),
      list<AdminProps['inboxes'][number]>(c, '/v1/inboxes'),
      list<AdminProps['spending'][number]>(c, `/v1/spending?days=${shown.days}`),
      list<AdminProps['queues'][number]>(c, '/v1/queues'),
    ])
    return { reviews, failed, listeners, collectors, inboxes, spending, queues }
  }

  /** Lists contain no errors, so each job is fetched. Jobs deleted in the meantime are omitted. */
  async function failedJobs(c: Context): Promise<Job[]> {
    const summaries = await list<{ id: string }>(c, `/v1/jobs?status=failed&limit=${shown.failed}`)
    const jobs = await Promise.all(
      summaries.map(async ({ id }) => {
        const response = await callAsOperator(site, c, `/v1/jobs/${id}`)
        return response.ok ? ((await response.json()) as Job) : undefined
      }),
    )
    return jobs.filter((job) => job?.status === 'failed') as Job[]
  }

  async function answer(c: Context, page: { title: string; status?: 200 | 401; children: Element }) {
    const response = await answerPage(c, site, page)
    // Neither caches nor the Back button may show an operator's page to others.
    response.headers.set('Cache-Control', 'no-store')
    return response
  }

  const askForKey = (c: Context, refused: boolean) =>
    answer(c, {
      title: 'Sign in · mosaicme',
      status: 401,
      children: <SignIn refused={refused} />,
    })

  app.get('/admin', compress(), async (c) => {
    try {
      const seen = await look(c)
      const notice = notices[c.req.query('notice') ?? '']
      return await answer(c, {
        title: 'Operations · mosaicme',
        children: <AdminView {...seen} signedIn={hasKey(c)} notice={notice} />,
      })
    } catch (error) {
      if (!(error instanceof NotLetIn)) throw error
      return await askForKey(c, hasKey(c))
    }
  })

  app.post('/admin/sign-in', sameSite, bodyLimit({ maxSize: 8 * 1024 }), async (c) => {
    const key = String((await readForm(c)).get('key') ?? '').trim()
    const response = await callAsOperator(site, c, '/v1/moderation?limit=1', { key })
    if (!response.ok) return await askForKey(c, true)
    keepKey(c, key)
    return c.redirect('/admin', 303)
  })

  app.post('/admin/sign-out', sameSite, (c) => {
    forgetKey(c)
    return c.redirect('/admin', 303)
  })

  app.get('/admin/moderation/:id/picture', async (c) => {
    const id = encodeURIComponent(c.req.param('id'))
    return await callAsOperator(site, c, `/v1/moderation/${id}/picture`)
  })

  for (const { section, verbs, path } of asks) {
    for (const verb of verbs) {
      app.post(`/admin/${section}/:name/${verb}`, sameSite, async (c) => {
        const name = encodeURIComponent(c.req.param('name'))
        const { search } = new URL(c.req.url)
        const response = await callAsOperator(site, c, path(name, verb) + search, { method: 'POST' })
        if (response.status === 401 || response.status === 403) return c.redirect('/admin', 303)
        const place = section === 'jobs' ? 'failed' : section
        return c.redirect(response.ok ? `/admin#${place}` : `/admin?notice=${section}`, 303)
      })
    }
  }

  return app
}

type Element = Parameters<typeof answerPage>[2]['children']
